'use client'

import { useActionState } from 'react'
import { confirmNewAddress } from '../../app/(entry)/verify-new-address/actions.ts'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { Alert } from '../surface/notice.tsx'
import { DeadLink } from './dead-link.tsx'
import { EntryHeading } from './entry-heading.tsx'
import { firstStep } from './entry-state.ts'
import { LinkField } from './link-field.tsx'

/** A press, not the mere opening of the page: mail scanners open links too. */
export function ConfirmNewAddress() {
  const [state, action] = useActionState(confirmNewAddress, firstStep)
  const form = useFirstError(state)
  if (state.step === 'dead-link') {
    return (
      <DeadLink way={{ href: '/profile/address', label: 'Go to your address' }}>
        It was used already, has expired, or a newer one has been sent since. Your settings say which address
        counts.
      </DeadLink>
    )
  }
  return (
    <>
      <EntryHeading
        title="Confirm your new address"
        note="From then on you sign in with the address that this mail came to."
      />
      <form ref={form} action={action} noValidate className="space-y-4">
        {state.message && <Alert>{state.message}</Alert>}
        <LinkField state={state} />
        <SubmitButton size="large" className="w-full">
          Use this address
        </SubmitButton>
      </form>
    </>
  )
}
