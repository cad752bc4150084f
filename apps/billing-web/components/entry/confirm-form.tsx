'use client'

import { confirmWithPasskey } from '@sallyport/next/passkeys'
import { ShieldCheck } from 'lucide-react'
import Link from 'next/link'
import { type ReactNode, useActionState } from 'react'
import { confirmAndGoOn } from '../../app/(entry)/confirm/actions.ts'
import { addressOf } from '../../billing/query.ts'
import { CodeField } from '../form/code-field.tsx'
import { type Asks, asking, untouched } from '../form/form-state.ts'
import { PasswordField } from '../form/password-field.tsx'
import { RecoveryCodeField } from '../form/recovery-code-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { PasskeyButton } from '../passkey/passkey-button.tsx'
import { linkStyle } from '../surface/link-style.ts'
import { Alert } from '../surface/notice.tsx'
import { ConfirmWithoutProof } from './confirm-without-proof.tsx'
import { EntryHeading } from './entry-heading.tsx'

/**
 * The form with which a signed-in user confirms the password and a code, if they have them, or uses a passkey or a provider. A user who has
 * none of them signs in again, or sets a password.
 */
export function ConfirmForm(props: {
  returnTo: string
  email: string
  asks: Asks
  usesRecoveryCode: boolean
  hasPasskey: boolean
  hasProvider: boolean
  /** Buttons of the linked providers at which the user can confirm who they are. Rendered on the server, because of their marks. */
  providerButtons: ReactNode
  /** Whether the user can sign in again without a password and without a passkey. */
  canSignInAgain: boolean
  /** What went wrong at a provider, as a sentence. */
  error: string | null
}) {
  const { returnTo, email, usesRecoveryCode, hasPasskey, hasProvider, providerButtons, error } = props
  const [state, action] = useActionState(confirmAndGoOn, untouched)
  const form = useFirstError(state)
  const shown = asking(state, props.asks)
  const asks = { asksPassword: shown.asksPassword === true, asksCode: shown.asksCode === true }
  const hasFields = asks.asksPassword || asks.asksCode
  // In the other cases, there is a line above the link.
  const isCancelAlone = hasFields ? !asks.asksCode : !hasPasskey && !hasProvider && !props.canSignInAgain
  const alert = state.message ?? error
  return (
    <>
      <EntryHeading
        icon={<ShieldCheck />}
        title="Confirm that it is you"
        note={
          <>
            You are signed in as <strong className="font-medium text-ink">{email}</strong>.{' '}
            {instruction({ ...props, asks })} We ask because you signed in some time ago.
          </>
        }
      />
      {!hasFields && alert && (
        <div className="mb-4">
          <Alert>{alert}</Alert>
        </div>
      )}
      {hasFields && (
        <form ref={form} action={action} noValidate className="mb-2.5 space-y-4">
          {alert && <Alert>{alert}</Alert>}
          <input type="hidden" name="returnTo" value={returnTo} />
          {/* From this field, a password manager knows to which account the password belongs. */}
          <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
          {asks.asksPassword && <PasswordField state={state} autoComplete="current-password" />}
          {asks.asksCode &&
            (usesRecoveryCode ? (
              <RecoveryCodeField state={state} />
            ) : (
              <CodeField state={state} label="Code from your authenticator app" />
            ))}
          <SubmitButton size="large" className="w-full">
            Continue
          </SubmitButton>
        </form>
      )}
      {hasPasskey && (
        <PasskeyButton
          kind={hasFields ? 'secondary' : 'primary'}
          className="w-full"
          use={(signal) => confirmWithPasskey({ signal })}
          onDone={() => location.assign(returnTo)}
        >
          Use your passkey
        </PasskeyButton>
      )}
      {hasPasskey && !hasFields && (
        <p className="scripted:hidden">Passkeys need JavaScript. Turn it on, then load this page again.</p>
      )}
      {!asks.asksCode && providerButtons}
      {!hasFields && (
        <ConfirmWithoutProof
          returnTo={returnTo}
          hasOtherWay={hasPasskey || hasProvider}
          canSignInAgain={props.canSignInAgain}
        />
      )}
      {asks.asksCode && (
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
      <p className={isCancelAlone ? 'mt-6' : 'mt-2'}>
        <Link href="/dashboard" className={linkStyle}>
          Cancel
        </Link>
      </p>
    </>
  )
}

/** Returns the sentence that says what the user has to do. */
function instruction(props: {
  asks: Pick<Asks, 'asksPassword' | 'asksCode'>
  usesRecoveryCode: boolean
  hasPasskey: boolean
  hasProvider: boolean
  canSignInAgain: boolean
}): string {
  const { asksPassword, asksCode } = props.asks
  const code = props.usesRecoveryCode ? 'a recovery code' : 'a code'
  if (asksPassword) return `Enter your password${asksCode ? ` and ${code}` : ''} to continue.`
  if (asksCode) return `Enter ${code} to continue.`
  if (props.hasPasskey)
    return `Use your passkey${props.hasProvider ? ' or a linked account' : ''} to continue.`
  if (props.hasProvider) return 'Use a linked account to continue.'
  return props.canSignInAgain
    ? 'Sign in again to continue.'
    : 'You have no password yet. Set one to continue.'
}
