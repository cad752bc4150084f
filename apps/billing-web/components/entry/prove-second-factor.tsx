'use client'

import { KeyRound, Smartphone } from 'lucide-react'
import Link from 'next/link'
import { useActionState } from 'react'
import { secondFactorAddress } from '../../account/second-factor-address.ts'
import { proveAndGoOn } from '../../app/(entry)/login/second-factor/actions.ts'
import { addressOf } from '../../billing/query.ts'
import { CheckField } from '../form/check-field.tsx'
import { CodeField } from '../form/code-field.tsx'
import { untouched } from '../form/form-state.ts'
import { RecoveryCodeField } from '../form/recovery-code-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { buttonStyle } from '../surface/button-style.ts'
import { linkStyle } from '../surface/link-style.ts'
import { Alert } from '../surface/notice.tsx'
import { EntryHeading } from './entry-heading.tsx'

/**
 * The step after the password: it asks for the code of the authenticator app, or for a recovery code. A user who has no app has only a
 * passkey, and must sign in with that.
 */
export function ProveSecondFactor(props: { returnTo: string; usesRecoveryCode: boolean; hasApp: boolean }) {
  const { returnTo, usesRecoveryCode, hasApp } = props
  if (hasApp)
    return (
      <ProofForm key={String(usesRecoveryCode)} returnTo={returnTo} usesRecoveryCode={usesRecoveryCode} />
    )
  return (
    <>
      <EntryHeading
        icon={<KeyRound />}
        title="Sign in with your passkey"
        note="The password alone is not enough for this account. Go back and use your passkey instead."
      />
      <Link href={addressOf('/login', { returnTo })} className={`${buttonStyle('primary', 'large')} w-full`}>
        Back to sign in
      </Link>
    </>
  )
}

function ProofForm({ returnTo, usesRecoveryCode }: { returnTo: string; usesRecoveryCode: boolean }) {
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
        <CheckField key={state.answers} name="trustBrowser" isChecked={state.values.trustBrowser === '1'}>
          Don’t ask again in this browser for 30 days
        </CheckField>
        <SubmitButton size="large" className="w-full">
          Continue
        </SubmitButton>
      </form>
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
        <Link href={addressOf('/login', { returnTo })} className={linkStyle}>
          Sign in as somebody else
        </Link>
      </p>
    </>
  )
}
