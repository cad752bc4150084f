'use client'

import { Mail } from 'lucide-react'
import Link from 'next/link'
import { type ReactNode, useActionState, useId, useSyncExternalStore } from 'react'
import { signInStep } from '../../app/(entry)/login/actions.ts'
import { type FormState, untouched } from '../form/form-state.ts'
import { PasswordField } from '../form/password-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { TextField } from '../form/text-field.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { linkStyle } from '../surface/link-style.ts'
import { Alert } from '../surface/notice.tsx'
import type { DemoAccount } from './demo-account.ts'
import { DemoAccounts } from './demo-accounts.tsx'
import { EnterCode } from './enter-code.tsx'
import { EntryHeading } from './entry-heading.tsx'
import { type EntryState, firstStep } from './entry-state.ts'
import { Or } from './or.tsx'
import { PasskeySignIn } from './passkey-sign-in.tsx'
import { useStepHistory } from './use-step-history.ts'

type Action = (form: FormData) => void

/**
 * The sign-in. If the auth server offers several ways, the first step asks for the address, and the second step shows the ways. They are the
 * same for every address, so the page does not tell which accounts exist. If there is only the password, one form asks for both.
 */
export function SignIn(props: {
  returnTo: string
  note: string
  /** What happened before this page was opened. */
  notices: ReactNode
  /** Whether the user has just signed in with success, but the browser has sent no cookie. */
  cameBack: boolean
  passkeys: boolean
  mailedSignIn: boolean
  /** The buttons of outside providers, or null if there are none. */
  providerButtons: ReactNode
  demoAccounts: readonly DemoAccount[]
  /** Links below the first step. */
  children: ReactNode
}) {
  const { returnTo, passkeys, mailedSignIn, providerButtons, demoAccounts } = props
  const [state, action] = useActionState(signInStep, firstStep)
  const { step, goBack } = useStepHistory(state)
  const hasCookies = useSyncExternalStore(
    () => () => {},
    () => navigator.cookieEnabled,
    () => !props.cameBack,
  )
  const isOneStep = !passkeys && !mailedSignIn && providerButtons === null
  // The state belongs to the step of the last response. If the user has gone back, only the typed values are shown.
  const shown = step === state.step ? state : { ...state, message: null, fields: {}, isDone: true }
  if (step === 'mailed') return <EnterCode state={shown} action={action} />
  const isFirst = step !== 'password'
  const { email = '' } = state.values
  return (
    <>
      {isFirst ? (
        <EntryHeading key="first" title="Sign in" note={props.note} />
      ) : (
        <EntryHeading
          key="second"
          title="Enter your password"
          note={passkeys || mailedSignIn ? 'Or choose another way below.' : props.note}
        />
      )}
      {isFirst && props.notices}
      {!hasCookies && (
        <div className="mb-5">
          <Alert>
            This browser stores no cookies for this site, but signing in needs them. Allow cookies in its
            settings, then try again.
          </Alert>
        </div>
      )}
      {isFirst ? (
        <FirstForm state={shown} action={action} returnTo={returnTo} isOneStep={isOneStep} />
      ) : (
        <PasswordForm state={shown} action={action} returnTo={returnTo} goBack={goBack} />
      )}
      {(passkeys || (isFirst ? providerButtons !== null : mailedSignIn)) && <Or />}
      <div className="space-y-2.5">
        {!isFirst && mailedSignIn && <MailButton action={action} email={email} returnTo={returnTo} />}
        {passkeys && <PasskeySignIn key="passkey" returnTo={returnTo} />}
        {isFirst && providerButtons}
      </div>
      {isFirst && (
        <>
          {demoAccounts.length > 0 && (
            <DemoAccounts accounts={demoAccounts} action={action} returnTo={returnTo} />
          )}
          {props.children}
        </>
      )}
    </>
  )
}

/** The form for the address. If the page has one step, it also asks for the password. */
function FirstForm(props: { state: EntryState; action: Action; returnTo: string; isOneStep: boolean }) {
  const { state, action, returnTo, isOneStep } = props
  const form = useFirstError(state)
  return (
    <form ref={form} action={action} noValidate className="space-y-4">
      {state.message && <Alert>{state.message}</Alert>}
      <input type="hidden" name="returnTo" value={returnTo} />
      {isOneStep && <input type="hidden" name="isOneStep" value="1" />}
      <TextField
        state={state}
        name="email"
        label="Email"
        type="email"
        autoComplete="username webauthn"
        autoCapitalize="none"
        spellCheck={false}
        // The user has come back to change the address.
        autoFocus={state.answers > 0 && state.isDone}
        required
      />
      {isOneStep && <CurrentPassword state={state} />}
      <SubmitButton size="large" className="w-full">
        {isOneStep ? 'Sign in' : 'Continue'}
      </SubmitButton>
    </form>
  )
}

/** The form for the password. It shows the address, so that a password manager knows to which account the password belongs. */
function PasswordForm(props: { state: EntryState; action: Action; returnTo: string; goBack: () => boolean }) {
  const { state, action, returnTo, goBack } = props
  const { email = '' } = state.values
  const form = useFirstError(state)
  const backId = useId()
  return (
    <>
      <form
        id={backId}
        action={action}
        onSubmit={(event) => {
          if (goBack()) event.preventDefault()
        }}
      >
        <HiddenValues values={{ email, returnTo, intent: 'back' }} />
      </form>
      <form ref={form} action={action} noValidate className="space-y-4">
        {state.message && <Alert>{state.message}</Alert>}
        <HiddenValues values={{ returnTo }} />
        <TextField
          state={{ ...untouched, values: { email } }}
          name="email"
          label="Email"
          type="email"
          autoComplete="username"
          readOnly
          aside={
            <button type="submit" form={backId} className={`${linkStyle} text-[0.8125rem]`}>
              Change<span className="sr-only"> the address</span>
            </button>
          }
        />
        <CurrentPassword state={state} takesFocus />
        <SubmitButton size="large" className="w-full">
          Sign in
        </SubmitButton>
      </form>
    </>
  )
}

function CurrentPassword({ state, takesFocus }: { state: FormState; takesFocus?: boolean }) {
  return (
    <PasswordField
      state={state}
      autoComplete="current-password webauthn"
      takesFocus={takesFocus ?? false}
      hint={
        <Link href="/forgot" className={linkStyle}>
          Forgot your password?
        </Link>
      }
    />
  )
}

/** The button that requests a mailed code for the address. */
function MailButton({ action, email, returnTo }: { action: Action; email: string; returnTo: string }) {
  return (
    <form action={action}>
      <HiddenValues values={{ email, returnTo, intent: 'mail' }} />
      <SubmitButton kind="secondary" size="large" className="w-full">
        <Mail aria-hidden className="size-4.5" />
        Email me a sign-in code
      </SubmitButton>
    </form>
  )
}

function HiddenValues({ values }: { values: Record<string, string> }) {
  return Object.entries(values).map(([name, value]) => (
    <input key={name} type="hidden" name={name} value={value} />
  ))
}
