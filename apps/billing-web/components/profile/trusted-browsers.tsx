'use client'

import { useActionState } from 'react'
import { forgetBrowsers } from '../../app/(app)/profile/security/actions.ts'
import { formatCount } from '../../billing/rate.ts'
import { Confirm } from '../form/confirm.tsx'
import { untouched } from '../form/form-state.ts'
import { SubmitButton } from '../form/submit-button.tsx'
import { Section } from '../surface/section.tsx'

/** Shows in how many browsers the user is not asked for a code, and ends this. */
export function TrustedBrowsers({ count }: { count: number }) {
  const [state, action] = useActionState(forgetBrowsers, untouched)
  return (
    <Section
      title="Trusted browsers"
      note={
        count === 0
          ? 'None. You are asked for a code at every sign-in.'
          : `You chose not to be asked for a code in ${formatCount(count, 'browser', 'browsers')}.`
      }
      className="relative"
    >
      {count > 0 && (
        <div className="px-5 pb-5 sm:not-has-[[open]]:pb-0">
          <Confirm
            label="Ask again everywhere"
            buttonClassName="sm:absolute sm:top-4 sm:right-5"
            problem={state.message}
            question="At the next sign-in, you need a code in every browser. You stay signed in."
          >
            <form action={action}>
              <SubmitButton>Ask again everywhere</SubmitButton>
            </form>
          </Confirm>
        </div>
      )}
    </Section>
  )
}
