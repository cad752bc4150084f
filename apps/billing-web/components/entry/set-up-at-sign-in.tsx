'use client'

import { setUpPasskey } from '@sallyport/next/passkeys'
import { ShieldCheck } from 'lucide-react'
import Link from 'next/link'
import { useActionState } from 'react'
import { setUpAtSignIn } from '../../app/(entry)/login/second-factor/actions.ts'
import { addressOf } from '../../billing/query.ts'
import { CodeField } from '../form/code-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { PasskeyButton } from '../passkey/passkey-button.tsx'
import { AuthenticatorKey } from '../second-factor/authenticator-key.tsx'
import { RecoveryCodes } from '../second-factor/recovery-codes.tsx'
import { setupStart } from '../second-factor/setup-state.ts'
import { buttonStyle } from '../surface/button-style.ts'
import { Alert } from '../surface/notice.tsx'
import { AnotherUser } from './another-user.tsx'
import { EntryHeading } from './entry-heading.tsx'
import { Or } from './or.tsx'

/**
 * The set-up of the second factor that a sign-in requires: a passkey, or an authenticator app with an introduction, the QR code, and the
 * recovery codes.
 */
export function SetUpAtSignIn(props: {
  returnTo: string
  /** The address that follows the set-up. */
  nextHref: string
  /** Whether the user is signed in already, in this or in another tab. */
  isSignedIn: boolean
  /** Whether the user can also set up a passkey. */
  hasPasskeys: boolean
}) {
  const { returnTo, nextHref, isSignedIn, hasPasskeys } = props
  const [state, action] = useActionState(setUpAtSignIn, setupStart)
  const form = useFirstError(state)
  const { step, setup } = state

  if (step === 'codes')
    return (
      <>
        <EntryHeading
          key="codes"
          icon={<ShieldCheck />}
          title="Save your recovery codes"
          note="If you lose your phone, you can sign in with one of these codes. Each code works once. We cannot show them again."
          takesFocus
        />
        <RecoveryCodes codes={state.recoveryCodes} />
        <Link href={nextHref} prefetch={false} className={`${buttonStyle('primary', 'large')} mt-6 w-full`}>
          I have saved my codes
        </Link>
      </>
    )

  if (isSignedIn)
    return (
      <>
        <EntryHeading
          icon={<ShieldCheck />}
          title="You are signed in"
          note="There is nothing left to do here."
        />
        <Link href={nextHref} prefetch={false} className={`${buttonStyle('primary', 'large')} w-full`}>
          Continue
        </Link>
      </>
    )

  return (
    <>
      {step === 'scan' && setup ? (
        <EntryHeading
          key="scan"
          title="Scan the QR code"
          note="Open your authenticator app, add an account, and scan this code."
          takesFocus={state.isDone}
        />
      ) : (
        <EntryHeading
          key="start"
          icon={<ShieldCheck />}
          title="Protect your account"
          note={`This workspace requires two-step verification. From now on, you sign in with your password and ${hasPasskeys ? 'a code from an app, or a passkey' : 'a code from an app on your phone'}.`}
        />
      )}
      <form ref={form} action={action} noValidate className="space-y-5">
        {state.message && <Alert>{state.message}</Alert>}
        <input type="hidden" name="returnTo" value={returnTo} />
        {step === 'scan' && setup ? (
          <>
            <input type="hidden" name="id" value={setup.id} />
            <AuthenticatorKey setup={setup} />
            <CodeField state={state} label="Code from the app" submits isLarge />
            <SubmitButton size="large" className="w-full">
              Confirm
            </SubmitButton>
          </>
        ) : (
          <>
            <p className="text-pretty text-soft">
              You need an authenticator app, such as 1Password, Google Authenticator or Microsoft
              Authenticator. Install one before you continue.
            </p>
            <SubmitButton size="large" className="w-full">
              Set up the app
            </SubmitButton>
          </>
        )}
      </form>
      {hasPasskeys && step !== 'scan' && (
        <div className="not-has-[button]:hidden noscript:hidden">
          <Or />
          <PasskeyButton
            className="w-full"
            use={(signal) => setUpPasskey({ signal })}
            onDone={() => location.assign(returnTo)}
            onFailed={(failure) => {
              if (failure.reason !== 'refused' || failure.problem.code !== 'sign_in_expired') return false
              location.assign(addressOf('/login', { notice: 'sign-in-expired', returnTo }))
              return true
            }}
          >
            Create a passkey
          </PasskeyButton>
        </div>
      )}
      <p className="mt-6">
        <AnotherUser returnTo={returnTo} />
      </p>
    </>
  )
}
