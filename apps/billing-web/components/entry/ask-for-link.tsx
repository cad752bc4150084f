'use client'

import { useActionState } from 'react'
import { askForLink } from '../../app/(entry)/verify/actions.ts'
import { AddressForm } from './address-form.tsx'
import { EntryHeading } from './entry-heading.tsx'
import { firstStep } from './entry-state.ts'
import { Mailed } from './mailed.tsx'
import { SignInInstead } from './sign-in-instead.tsx'

/** A form that requests the link to confirm an address again. */
export function AskForLink() {
  const [state, action] = useActionState(askForLink, firstStep)
  if (state.step === 'mailed') {
    return (
      <Mailed state={state} action={action}>
        If <strong className="font-medium text-ink">{state.values.email}</strong> is not confirmed yet, we
        have sent a new link to it. Older links no longer work.
      </Mailed>
    )
  }
  return (
    <>
      <EntryHeading title="Get a new link" note="We send you a new link to confirm your email address." />
      <AddressForm state={state} action={action}>
        Send link
      </AddressForm>
      <SignInInstead>Confirmed already?</SignInInstead>
    </>
  )
}
