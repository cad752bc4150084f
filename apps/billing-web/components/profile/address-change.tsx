'use client'

import { useActionState } from 'react'
import { askForNewAddress } from '../../app/(app)/profile/address/actions.ts'
import { firstStep } from '../entry/entry-state.ts'
import { CodeField } from '../form/code-field.tsx'
import { asking } from '../form/form-state.ts'
import { PasswordField } from '../form/password-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { TextField } from '../form/text-field.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { InboxHint } from '../inbox/inbox-hint.tsx'
import { Alert, Done } from '../surface/notice.tsx'

/** A form that requests a change of the email address. If another account has the new address, the response is the same. */
export function AddressChange({ asksCode }: { asksCode: boolean }) {
  const [state, action] = useActionState(askForNewAddress, firstStep)
  const form = useFirstError(state)
  const shown = asking(state, { asksPassword: false, asksCode })
  return (
    <form ref={form} action={action} noValidate className="space-y-4 px-5 pb-5">
      {state.message && <Alert>{state.message}</Alert>}
      {state.step === 'mailed' && (
        <>
          <Done key={state.answers}>
            Open the link that we have sent to {state.values.newEmail}. Until then, you sign in with your
            current address.
          </Done>
          {state.hasInbox && <InboxHint />}
        </>
      )}
      <TextField
        state={state}
        name="newEmail"
        label="New email address"
        type="email"
        autoComplete="email"
        autoCapitalize="none"
        spellCheck={false}
        required
      />
      <PasswordField state={state} label="Your password" autoComplete="current-password" />
      {shown.asksCode && <CodeField state={state} label="Code from your authenticator app" />}
      <SubmitButton>Send the link</SubmitButton>
    </form>
  )
}
