'use client'

import { proveSecondFactorWithPasskey } from '@sallyport/next/passkeys'
import { KeyRound, Smartphone } from 'lucide-react'
import Link from 'next/link'
import { type RefObject, useActionState, useRef } from 'react'
import { secondFactorAddress } from '../../account/second-factor-address.ts'
import { proveAndGoOn } from '../../app/(entry)/login/second-factor/actions.ts'
import { addressOf } from '../../billing/query.ts'
import { CheckField } from '../form/check-field.tsx'
import { CodeField } from '../form/code-field.tsx'
import { untouched } from '../form/form-state.ts'
import { RecoveryCodeField } from '../form/recovery-code-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { PasskeyButton } from '../passkey/passkey-button.tsx'
import { linkStyle } from '../surface/link-style.ts'
import { Alert } from '../surface/notice.tsx'
import { AnotherUser } from './another-user.tsx'
import { EntryHeading } from './entry-heading.tsx'

/** The step after the password: it asks for the code of the authenticator app, for the passkey, or for a recovery code. */
export function ProveSecondFactor(props: {
  returnTo: string
  usesRecoveryCode: boolean
  hasApp: boolean
  hasPasskey: boolean
  /** For how long a browser can be trusted. With 0, the user has no such choice. */
  trustedSeconds: number
}) {
  const { returnTo, usesRecoveryCode, hasApp, hasPasskey, trustedSeconds } = props
  if (hasApp)
    return (
      <ProofForm
        key={String(usesRecoveryCode)}
        returnTo={returnTo}
        usesRecoveryCode={usesRecoveryCode}
        hasPasskey={hasPasskey}
        trustedSeconds={trustedSeconds}
      />
    )
  return <PasskeyProof returnTo={returnTo} trustedSeconds={trustedSeconds} />
}

/** The step for a user who has no authenticator app. */
function PasskeyProof({ returnTo, trustedSeconds }: { returnTo: string; trustedSeconds: number }) {
  const form = useRef<HTMLFormElement>(null)
  return (
    <>
      <EntryHeading
        icon={<KeyRound />}
        title="Use your passkey"
        note="Confirm the sign-in with your screen lock or your security key."
      />
      <form ref={form} onSubmit={(event) => event.preventDefault()} className="space-y-4 noscript:hidden">
        <TrustBrowser seconds={trustedSeconds} />
        <PasskeyProofButton kind="primary" returnTo={returnTo} form={form} />
      </form>
      <p className="scripted:hidden">Passkeys need JavaScript. Turn it on, then load this page again.</p>
      <p className="mt-6">
        <AnotherUser returnTo={returnTo} />
      </p>
    </>
  )
}

function PasskeyProofButton(props: {
  kind: 'primary' | 'secondary'
  returnTo: string
  /** The form with the checkbox. */
  form: RefObject<HTMLFormElement | null>
}) {
  const { kind, returnTo, form } = props
  return (
    <PasskeyButton
      kind={kind}
      className="w-full"
      use={(signal) => {
        const box = form.current?.elements.namedItem('trustBrowser')
        const trustBrowser = box instanceof HTMLInputElement && box.checked
        return proveSecondFactorWithPasskey({ trustBrowser, signal })
      }}
      onDone={() => location.assign(returnTo)}
      onFailed={(failure) => {
        if (failure.reason !== 'refused' || failure.problem.code !== 'sign_in_expired') return false
        location.assign(addressOf('/login', { notice: 'sign-in-expired', returnTo }))
        return true
      }}
    >
      Use your passkey
    </PasskeyButton>
  )
}

function TrustBrowser({ seconds, isChecked = false }: { seconds: number; isChecked?: boolean }) {
  if (seconds === 0) return null
  return (
    <CheckField name="trustBrowser" isChecked={isChecked}>
      Don’t ask again in this browser for {durationInWords(seconds)}
    </CheckField>
  )
}

/** Returns a duration in its largest unit, rounded down: "30 days". */
function durationInWords(seconds: number): string {
  const units = { day: 86_400, hour: 3600, minute: 60, second: 1 }
  const [unit, length] = Object.entries(units).find(([, each]) => seconds >= each) ?? ['second', 1]
  const count = Math.floor(seconds / length)
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

function ProofForm(props: {
  returnTo: string
  usesRecoveryCode: boolean
  hasPasskey: boolean
  trustedSeconds: number
}) {
  const { returnTo, usesRecoveryCode, hasPasskey, trustedSeconds } = props
  const [state, action] = useActionState(proveAndGoOn, untouched)
  const form = useFirstError(state)
  return (
    <>
      {usesRecoveryCode ? (
        <EntryHeading
          icon={<KeyRound />}
          title="Enter a recovery code"
          note="Use one of the codes that you saved when you set up two-step verification."
        />
      ) : (
        <EntryHeading
          icon={<Smartphone />}
          title="Enter your code"
          note="Open your authenticator app and enter the code that it shows for Ledgerline."
        />
      )}
      <form ref={form} action={action} noValidate className="space-y-4">
        {state.message && <Alert>{state.message}</Alert>}
        <input type="hidden" name="returnTo" value={returnTo} />
        {usesRecoveryCode ? (
          <RecoveryCodeField state={state} takesFocus />
        ) : (
          <CodeField state={state} takesFocus submits isLarge />
        )}
        <TrustBrowser
          key={state.answers}
          seconds={trustedSeconds}
          isChecked={state.values.trustBrowser === '1'}
        />
        <SubmitButton size="large" className="w-full">
          Continue
        </SubmitButton>
      </form>
      {hasPasskey && (
        <div className="mt-2.5">
          <PasskeyProofButton kind="secondary" returnTo={returnTo} form={form} />
        </div>
      )}
      <p className="mt-6 text-soft">
        {usesRecoveryCode ? 'Have your phone? ' : 'Lost your phone? '}
        <Link
          href={secondFactorAddress(returnTo, usesRecoveryCode ? null : 'recovery-code')}
          className={linkStyle}
        >
          {usesRecoveryCode ? 'Use a code from the app' : 'Use a recovery code instead'}
        </Link>
      </p>
      <p className="mt-2">
        <AnotherUser returnTo={returnTo} />
      </p>
    </>
  )
}
