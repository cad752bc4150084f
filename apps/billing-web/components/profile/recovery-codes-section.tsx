'use client'

import { TriangleAlert } from 'lucide-react'
import { useActionState } from 'react'
import { makeCodes } from '../../app/(app)/profile/security/actions.ts'
import { formatCount } from '../../billing/rate.ts'
import { Confirm } from '../form/confirm.tsx'
import { type Asks, asking, asksForProof, untouched } from '../form/form-state.ts'
import { IdentityFields } from '../form/identity-fields.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { RecoveryCodes } from '../second-factor/recovery-codes.tsx'
import { Badge } from '../surface/badge.tsx'
import { FocusedNotice } from '../surface/focused-notice.tsx'
import { Section } from '../surface/section.tsx'

/** With so few codes or fewer, the user should make new ones. */
const few = 3

/** Shows how many recovery codes are left, and makes new ones. */
export function RecoveryCodesSection({ left, asks }: { left: number; asks: Asks }) {
  const [state, action] = useActionState(makeCodes, { ...untouched, recoveryCodes: [] })
  const form = useFirstError(state)
  const shown = asking(state, asks)
  const hasNew = state.recoveryCodes.length > 0
  const hasFew = left <= few
  return (
    <Section
      title="Recovery codes"
      note="If you lose your phone, you can sign in with one of these codes. Each code works once."
      action={<Badge dot={hasFew ? 'bg-warn' : 'bg-good'}>{left} left</Badge>}
      className="relative"
    >
      <div className="space-y-4 px-5 pb-5">
        {hasNew ? (
          <>
            <FocusedNotice>Save your new codes now. We cannot show them again.</FocusedNotice>
            <RecoveryCodes codes={state.recoveryCodes} />
          </>
        ) : (
          <>
            {hasFew && (
              <p className="flex items-start gap-2.5 text-pretty">
                <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
                {left === 0
                  ? 'You have no recovery codes left. Make new ones, so that you can sign in without your phone.'
                  : `Only ${formatCount(left, 'code is', 'codes are')} left. Make new ones before you need them.`}
              </p>
            )}
            <Confirm
              label="Make new codes"
              problem={state.message}
              isOpen={state.answers > 0}
              question="The codes that you have now stop working."
            >
              <form
                ref={form}
                action={action}
                noValidate
                className={asksForProof(shown) ? 'basis-full space-y-4 pb-1' : ''}
              >
                <IdentityFields state={shown} />
                <SubmitButton>Make new codes</SubmitButton>
              </form>
            </Confirm>
          </>
        )}
      </div>
    </Section>
  )
}
