'use client'

import { useActionState } from 'react'
import { saveNewPassword } from '../../app/(app)/profile/password/actions.ts'
import { CodeField } from '../form/code-field.tsx'
import { asking, untouched } from '../form/form-state.ts'
import { NewPasswordField } from '../form/new-password-field.tsx'
import { PasswordField } from '../form/password-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { Alert, Done } from '../surface/notice.tsx'

/** A form that changes the password. After every response the fields are empty, because passwords are never sent back. */
export function PasswordForm(props: { email: string; name: string; asksCode: boolean }) {
  const { email, name, asksCode } = props
  const [state, action] = useActionState(saveNewPassword, untouched)
  const form = useFirstError(state)
  const shown = asking(state, { asksPassword: false, asksCode })
  return (
    <form ref={form} action={action} noValidate className="space-y-4 px-5 pb-5">
      {state.isDone && state.message && <Done key={state.answers}>{state.message}</Done>}
      {!state.isDone && state.message && <Alert>{state.message}</Alert>}
      {/* From this field, a password manager knows to which account the password belongs. */}
      <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
      <PasswordField
        state={state}
        name="currentPassword"
        label="Current password"
        autoComplete="current-password"
      />
      {shown.asksCode && <CodeField state={state} label="Code from your authenticator app" />}
      <NewPasswordField state={state} name="newPassword" label="New password" about={[name, email]} />
      <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
        <SubmitButton>Change password</SubmitButton>
        <p className="min-w-0 flex-1 basis-56 text-pretty text-[0.8125rem] text-soft">
          You stay signed in here. All other sessions are signed out.
        </p>
      </div>
    </form>
  )
}
