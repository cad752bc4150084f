'use client'

import { useActionState } from 'react'
import { deleteAccount } from '../../app/(app)/profile/data/actions.ts'
import { CodeField } from '../form/code-field.tsx'
import { type Asks, asking, untouched } from '../form/form-state.ts'
import { SubmitOrConfirm } from '../form/identity-fields.tsx'
import { PasswordField } from '../form/password-field.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { buttonStyle } from '../surface/button-style.ts'
import { Alert } from '../surface/notice.tsx'

/**
 * A form that deletes the account. It asks for the password, if the user has one. Other users must have confirmed recently who they are. It
 * also works before scripts have loaded.
 */
export function DeleteAccount({ asks, isOpen }: { asks: Asks; isOpen: boolean }) {
  const [state, action] = useActionState(deleteAccount, untouched)
  const form = useFirstError(state)
  const shown = asking(state, asks)
  return (
    <details open={isOpen || state.answers > 0 ? true : undefined} className="px-5 pb-5">
      <summary className={buttonStyle('secondary')}>Delete your account</summary>
      <form ref={form} action={action} noValidate className="mt-4 space-y-4 rounded-lg bg-sunken p-4">
        {state.message && <Alert>{state.message}</Alert>}
        <p className="text-pretty">
          You are signed out on every device now. In 14 days your profile, your sessions and your ways to sign
          in are deleted. We mail you the date. To cancel the deletion, sign in before then.
        </p>
        {asks.asksPassword && (
          <PasswordField state={state} label="Your password" autoComplete="current-password" />
        )}
        {shown.asksCode && <CodeField state={state} label="Code from your authenticator app" />}
        {shown.asksElsewhere && (
          <p className="text-pretty text-soft">
            You signed in some time ago. Confirm that it is you, then delete your account here.
          </p>
        )}
        <SubmitOrConfirm state={shown} returnTo="/profile/data?open=delete" kind="danger">
          Delete my account
        </SubmitOrConfirm>
      </form>
    </details>
  )
}
