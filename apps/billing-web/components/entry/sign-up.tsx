'use client'

import Link from 'next/link'
import { type ReactNode, useActionState } from 'react'
import { signUpByMail } from '../../app/(entry)/signup/actions.ts'
import { NewPasswordField } from '../form/new-password-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { TextField } from '../form/text-field.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { linkStyle } from '../surface/link-style.ts'
import { Alert } from '../surface/notice.tsx'
import { EntryHeading } from './entry-heading.tsx'
import { firstStep } from './entry-state.ts'
import { Mailed } from './mailed.tsx'
import { Or } from './or.tsx'

/** The form for a sign-up. If the address must be confirmed first, `check your mail` follows. */
export function SignUp(props: {
  returnTo: string
  /** Whether users can sign up with a passkey. */
  passkeys: boolean
  /** The buttons of outside providers, or null if there are none. */
  providerButtons: ReactNode
  signInHref: string
}) {
  const { returnTo, passkeys, providerButtons, signInHref } = props
  const [state, action] = useActionState(signUpByMail, firstStep)
  const form = useFirstError(state)
  if (state.step === 'mailed') {
    return (
      <Mailed state={state} action={action}>
        We have sent a mail to <strong className="font-medium text-ink">{state.values.email}</strong>.{' '}
        {state.values.way === 'passkey'
          ? 'Open the link in that mail on the device that will have your passkey.'
          : 'Open the link in that mail and enter the password that you have just chosen.'}{' '}
        The link works for one day.
      </Mailed>
    )
  }
  return (
    <>
      <EntryHeading title="Create an account" note="You join the demo company as a member." />
      <form ref={form} action={action} noValidate className="space-y-4">
        {state.message && <Alert>{state.message}</Alert>}
        <input type="hidden" name="returnTo" value={returnTo} />
        <TextField state={state} name="name" label="Name" autoComplete="name" required />
        <TextField
          state={state}
          name="email"
          label="Email"
          type="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <NewPasswordField state={state} />
        <SubmitButton size="large" className="w-full">
          Create account
        </SubmitButton>
        {passkeys && (
          <SubmitButton
            name="intent"
            value="passkey"
            kind="secondary"
            size="large"
            className="w-full noscript:hidden"
          >
            Sign up with a passkey
          </SubmitButton>
        )}
      </form>
      {providerButtons !== null && (
        <>
          <Or />
          {providerButtons}
        </>
      )}
      <p className="mt-6 text-soft">
        Already have an account?{' '}
        <Link href={signInHref} className={linkStyle}>
          Sign in
        </Link>
      </p>
    </>
  )
}
