'use client'

import { confirmWithPasskey } from '@sallyport/next/passkeys'
import { ShieldCheck } from 'lucide-react'
import Link from 'next/link'
import { type ReactNode, useActionState } from 'react'
import { confirmAndGoOn } from '../../app/(entry)/confirm/actions.ts'
import { addressOf } from '../../billing/query.ts'
import { CodeField } from '../form/code-field.tsx'
import { asking, untouched } from '../form/form-state.ts'
import { PasswordField } from '../form/password-field.tsx'
import { RecoveryCodeField } from '../form/recovery-code-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { PasskeyButton } from '../passkey/passkey-button.tsx'
import { linkStyle } from '../surface/link-style.ts'
import { Alert } from '../surface/notice.tsx'
import { EntryHeading } from './entry-heading.tsx'

/** The form with which a signed-in user confirms the password, and a code if the user has a second factor, or uses a passkey or a provider. */
export function ConfirmForm(props: {
  returnTo: string
  email: string
  asksCode: boolean
  usesRecoveryCode: boolean
  hasPasskey: boolean
  /** Buttons of the linked providers at which the user can confirm who they are. Rendered on the server, because of their marks. */
  providerButtons: ReactNode
  /** What went wrong at a provider, as a sentence. */
  error: string | null
}) {
  const { returnTo, email, asksCode, usesRecoveryCode, hasPasskey, providerButtons, error } = props
  const [state, action] = useActionState(confirmAndGoOn, untouched)
  const form = useFirstError(state)
  const shown = asking(state, { asksPassword: true, asksCode })
  return (
    <>
      <EntryHeading
        icon={<ShieldCheck />}
        title="Confirm that it is you"
        note={
          <>
            You are signed in as <strong className="font-medium text-ink">{email}</strong>. Enter your
            password{shown.asksCode && (usesRecoveryCode ? ' and a recovery code' : ' and a code')} to
            continue. We ask because you signed in some time ago.
          </>
        }
      />
      <form ref={form} action={action} noValidate className="space-y-4">
        {(state.message ?? error) && <Alert>{state.message ?? error}</Alert>}
        <input type="hidden" name="returnTo" value={returnTo} />
        {/* From this field, a password manager knows to which account the password belongs. */}
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <PasswordField state={state} autoComplete="current-password" />
        {shown.asksCode &&
          (usesRecoveryCode ? (
            <RecoveryCodeField state={state} />
          ) : (
            <CodeField state={state} label="Code from your authenticator app" />
          ))}
        <SubmitButton size="large" className="w-full">
          Continue
        </SubmitButton>
      </form>
      {hasPasskey && (
        <div className="mt-2.5">
          <PasskeyButton
            className="w-full"
            use={(signal) => confirmWithPasskey({ signal })}
            onDone={() => location.assign(returnTo)}
          >
            Use your passkey
          </PasskeyButton>
        </div>
      )}
      {!shown.asksCode && providerButtons}
      {shown.asksCode && (
        <p className="mt-6 text-soft">
          {usesRecoveryCode ? 'Have your phone? ' : 'Lost your phone? '}
          <Link
            href={addressOf('/confirm', { with: usesRecoveryCode ? null : 'recovery-code', returnTo })}
            className={linkStyle}
          >
            {usesRecoveryCode ? 'Use a code from the app' : 'Use a recovery code instead'}
          </Link>
        </p>
      )}
      <p className={shown.asksCode ? 'mt-2' : 'mt-6'}>
        <Link href="/dashboard" className={linkStyle}>
          Cancel
        </Link>
      </p>
    </>
  )
}
