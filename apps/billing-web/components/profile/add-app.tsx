'use client'

import Link from 'next/link'
import { useActionState } from 'react'
import { addApp } from '../../app/(app)/profile/security/actions.ts'
import { CodeField } from '../form/code-field.tsx'
import { type Asks, asking } from '../form/form-state.ts'
import { IdentityFields, SubmitOrConfirm } from '../form/identity-fields.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { TextField } from '../form/text-field.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { AuthenticatorKey } from '../second-factor/authenticator-key.tsx'
import { RecoveryCodes } from '../second-factor/recovery-codes.tsx'
import { type SetupState, setupStart } from '../second-factor/setup-state.ts'
import { buttonStyle } from '../surface/button-style.ts'
import { FocusedNotice } from '../surface/focused-notice.tsx'
import { Alert } from '../surface/notice.tsx'
import { Section } from '../surface/section.tsx'

/** Adds an authenticator app in three steps: its name, the QR code and the first code, and the recovery codes. */
export function AddApp({ isFirst, asks }: { isFirst: boolean; asks: Asks }) {
  const [state, action] = useActionState(addApp, setupStart)
  const form = useFirstError(state)
  const { step, setup } = state
  if (step === 'codes')
    return (
      <div className="space-y-6">
        <FocusedNotice>Two-step verification is on.</FocusedNotice>
        <Section
          title="Save your recovery codes"
          note="If you lose your phone, you can sign in with one of these codes. Each code works once. We cannot show them again."
        >
          <div className="space-y-5 px-5 pb-5">
            <RecoveryCodes codes={state.recoveryCodes} />
            <Link href="/profile/security" className={buttonStyle('primary')}>
              I have saved my codes
            </Link>
          </div>
        </Section>
      </div>
    )
  if (step === 'scan' && setup)
    return (
      <Section
        title="Scan the QR code"
        note="Open your authenticator app, add an account, and scan this code."
      >
        <form ref={form} action={action} noValidate className="max-w-sm space-y-5 px-5 pb-5">
          {state.message && <Alert>{state.message}</Alert>}
          <input type="hidden" name="id" value={setup.id} />
          <AuthenticatorKey setup={setup} />
          <CodeField state={state} label="Code from the app" takesFocus submits isLarge />
          <SubmitButton>Confirm</SubmitButton>
        </form>
      </Section>
    )
  return (
    <Section
      title={isFirst ? 'Set up two-step verification' : 'Name the app'}
      note="Install an authenticator app first, such as 1Password, Google Authenticator or Microsoft Authenticator."
    >
      <StartForm state={asking(state, asks)} action={action} formRef={form} />
    </Section>
  )
}

function StartForm(props: {
  state: SetupState
  action: (form: FormData) => void
  formRef: ReturnType<typeof useFirstError>
}) {
  const { state, action, formRef } = props
  return (
    <form ref={formRef} action={action} noValidate className="space-y-4 px-5 pb-5">
      {state.message && <Alert>{state.message}</Alert>}
      {!state.asksElsewhere && (
        <TextField
          state={state}
          name="name"
          label="Name"
          hint="You see this name in your list of apps."
          initial="Authenticator app"
          autoComplete="off"
          maxLength={60}
          required
        />
      )}
      <IdentityFields state={state} note="You signed in some time ago. Confirm that it is you." />
      <div className="flex flex-wrap gap-2">
        <SubmitOrConfirm state={state} returnTo="/profile/security/add">
          Continue
        </SubmitOrConfirm>
        <Link href="/profile/security" className={buttonStyle('quiet')}>
          Cancel
        </Link>
      </div>
    </form>
  )
}
