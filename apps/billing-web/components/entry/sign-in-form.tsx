'use client'

import { Mail } from 'lucide-react'
import Link from 'next/link'
import { useActionState, useSyncExternalStore } from 'react'
import type { OutsideProvider } from '../../account/outside-provider.ts'
import { signInAndGoOn } from '../../app/(entry)/login/actions.ts'
import { addressOf } from '../../billing/query.ts'
import { untouched } from '../form/form-state.ts'
import { PasswordField } from '../form/password-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { TextField } from '../form/text-field.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { buttonStyle } from '../surface/button-style.ts'
import { linkStyle } from '../surface/link-style.ts'
import { Alert } from '../surface/notice.tsx'
import type { DemoAccount } from './demo-account.ts'
import { DemoAccounts } from './demo-accounts.tsx'
import { Or } from './or.tsx'
import { PasskeySignIn } from './passkey-sign-in.tsx'
import { ProviderButtons } from './provider-buttons.tsx'

export function SignInForm({
  returnTo,
  wanted,
  cameBack,
  providers,
  demoAccounts,
}: {
  returnTo: string
  /** The page that the user has requested, as it is in the URL. */
  wanted: string
  /** Whether the user has just signed in with success, but the browser has sent no cookie. */
  cameBack: boolean
  providers: readonly OutsideProvider[]
  demoAccounts: readonly DemoAccount[]
}) {
  const [state, action] = useActionState(signInAndGoOn, untouched)
  const form = useFirstError(state)
  const hasCookies = useSyncExternalStore(
    () => () => {},
    () => navigator.cookieEnabled,
    () => !cameBack,
  )

  const fillIn = ({ email, password }: DemoAccount) => {
    const fields = form.current?.elements
    const fill = (name: string, value: string) => {
      const field = fields?.namedItem(name)
      if (field instanceof HTMLInputElement) field.value = value
    }
    fill('email', email)
    fill('password', password)
    form.current?.querySelector<HTMLButtonElement>('button[type="submit"]')?.focus()
  }

  return (
    <>
      <form ref={form} action={action} noValidate className="space-y-4">
        {!hasCookies && (
          <Alert>
            This browser stores no cookies for this site, but signing in needs them. Allow cookies in its
            settings, then try again.
          </Alert>
        )}
        {state.message && <Alert>{state.message}</Alert>}
        <input type="hidden" name="returnTo" value={returnTo} />
        <TextField
          state={state}
          name="email"
          label="Email"
          type="email"
          autoComplete="username webauthn"
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <PasswordField
          state={state}
          autoComplete="current-password"
          hint={
            <Link href="/forgot" className={linkStyle}>
              Forgot your password?
            </Link>
          }
        />
        <SubmitButton size="large" className="w-full">
          Sign in
        </SubmitButton>
      </form>
      <Or />
      <div className="space-y-2.5">
        <PasskeySignIn returnTo={returnTo} />
        <ProviderButtons providers={providers} returnTo={wanted} />
        <Link
          href={addressOf('/login/code', { returnTo })}
          className={`${buttonStyle('secondary', 'large')} w-full`}
        >
          <Mail aria-hidden className="size-4.5" />
          Email me a sign-in code
        </Link>
      </div>
      {demoAccounts.length > 0 && <DemoAccounts accounts={demoAccounts} onChoose={fillIn} />}
    </>
  )
}
