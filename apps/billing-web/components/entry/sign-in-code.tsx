'use client'

import { useActionState } from 'react'
import { signInByMail } from '../../app/(entry)/login/code/actions.ts'
import { AddressForm } from './address-form.tsx'
import { EnterCode } from './enter-code.tsx'
import { EntryHeading } from './entry-heading.tsx'
import { atStep, type EntryState, firstStep } from './entry-state.ts'
import { SignInInstead } from './sign-in-instead.tsx'

/** Requests a mail with a code and a link, then asks for the code. The result is the same whether or not the account exists. */
export function SignInCode(props: {
  returnTo: string
  /** Whether this browser has requested a mail already. */
  isRequested: boolean
  hasInbox: boolean
}) {
  const { returnTo, isRequested, hasInbox } = props
  const first: EntryState = { ...firstStep, values: { returnTo } }
  const [state, action] = useActionState(
    signInByMail,
    isRequested ? atStep('mailed', first, hasInbox) : first,
  )
  if (state.step === 'mailed') return <EnterCode state={state} action={action} />
  return (
    <>
      <EntryHeading
        title="Sign in by mail"
        note="Enter your email address. We send you a code and a link, so you need no password."
      />
      <AddressForm state={state} action={action} hidden={{ returnTo }}>
        Email me a code
      </AddressForm>
      <SignInInstead>With your password instead?</SignInInstead>
    </>
  )
}
