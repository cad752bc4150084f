'use client'

import { useActionState } from 'react'
import { deleteAccount } from '../../app/(app)/profile/data/actions.ts'
import { CodeField } from '../form/code-field.tsx'
import { asking, untouched } from '../form/form-state.ts'
import { PasswordField } from '../form/password-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { buttonStyle } from '../surface/button-style.ts'
import { Alert } from '../surface/notice.tsx'

/** A form that deletes the account. It asks for the password. It also works before scripts have loaded. */
export function DeleteAccount({ asksCode }: { asksCode: boolean }) {
  const [state, action] = useActionState(deleteAccount, untouched)
  const form = useFirstError(state)
  const shown = asking(state, { asksPassword: true, asksCode })
  return (
    <details open={state.answers > 0 ? true : undefined} className="px-5 pb-5">
      <summary className={buttonStyle('secondary')}>Delete your account</summary>
      <form ref={form} action={action} noValidate className="mt-4 space-y-4 rounded-lg bg-sunken p-4">
        {state.message && <Alert>{state.message}</Alert>}
        <p className="text-pretty">
          You are signed out on every device now. In 14 days your profile, your sessions and your password are
          deleted. We mail you the date. To cancel the deletion, sign in before then.
        </p>
        <PasswordField state={state} label="Your password" autoComplete="current-password" />
        {shown.asksCode && <CodeField state={state} label="Code from your authenticator app" />}
        <SubmitButton kind="danger">Delete my account</SubmitButton>
      </form>
    </details>
  )
}
