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
        If <strong className="font-medium text-ink">{state.values.email}</strong> waits to be confirmed, a new
        link is on its way there. Older ones do not work any more.
      </Mailed>
    )
  }
  return (
    <>
      <EntryHeading title="A new link" note="We mail you a new link to confirm your address." />
      <AddressForm state={state} action={action}>
        Send link
      </AddressForm>
      <SignInInstead>Confirmed already?</SignInInstead>
    </>
  )
}
