'use client'

import { useActionState } from 'react'
import { askForNewAddress } from '../../app/(app)/profile/address/actions.ts'
import { firstStep } from '../entry/entry-state.ts'
import { CodeField } from '../form/code-field.tsx'
import { type Asks, asking } from '../form/form-state.ts'
import { SubmitOrConfirm } from '../form/identity-fields.tsx'
import { PasswordField } from '../form/password-field.tsx'
import { TextField } from '../form/text-field.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { InboxHint } from '../inbox/inbox-hint.tsx'
import { Alert, Done } from '../surface/notice.tsx'

/**
 * A form that requests a change of the email address. It asks for the password, if the user has one. Other users must have confirmed
 * recently who they are. If another account has the new address, the response is the same.
 */
export function AddressChange({ asks }: { asks: Asks }) {
  const [state, action] = useActionState(askForNewAddress, firstStep)
  const form = useFirstError(state)
  const shown = asking(state, asks)
  return (
    <form ref={form} action={action} noValidate className="space-y-4 px-5 pb-5">
      {state.message && <Alert>{state.message}</Alert>}
      {state.step === 'mailed' && (
        <>
          <Done key={state.answers}>
            Open the link that we have sent to {state.values.newEmail}. Until then, your address does not
            change.
          </Done>
          {state.hasInbox && <InboxHint />}
        </>
      )}
      {shown.asksElsewhere ? (
        <p className="text-pretty text-soft">
          You signed in some time ago. Confirm that it is you, then enter the new address here.
        </p>
      ) : (
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
      )}
      {asks.asksPassword && (
        <PasswordField state={state} label="Your password" autoComplete="current-password" />
      )}
      {shown.asksCode && <CodeField state={state} label="Code from your authenticator app" />}
      <SubmitOrConfirm state={shown} returnTo="/profile/address">
        Send the link
      </SubmitOrConfirm>
    </form>
  )
}
