'use client'

import { useActionState } from 'react'
import { askForNewPassword } from '../../app/(entry)/forgot/actions.ts'
import { AddressForm } from './address-form.tsx'
import { EntryHeading } from './entry-heading.tsx'
import { firstStep } from './entry-state.ts'
import { Mailed } from './mailed.tsx'
import { SignInInstead } from './sign-in-instead.tsx'

/** A form that requests a link for a new password. The result is the same whether or not the account exists. */
export function ForgotPassword() {
  const [state, action] = useActionState(askForNewPassword, firstStep)
  if (state.step === 'mailed') {
    return (
      <Mailed state={state} action={action}>
        If there is an account for <strong className="font-medium text-ink">{state.values.email}</strong>, we
        have sent a link for a new password to it. The link works once.
      </Mailed>
    )
  }
  return (
    <>
      <EntryHeading
        title="Forgot your password?"
        note="Enter your email address. We send you a link to choose a new password."
      />
      <AddressForm state={state} action={action}>
        Send link
      </AddressForm>
      <SignInInstead>Do you remember it?</SignInInstead>
    </>
  )
}
