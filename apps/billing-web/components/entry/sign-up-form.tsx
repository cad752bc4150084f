'use client'

import { useActionState } from 'react'
import { signUpAndGoOn } from '../../app/(entry)/signup/actions.ts'
import { untouched } from '../form/form-state.ts'
import { PasswordField } from '../form/password-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { TextField } from '../form/text-field.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { Alert } from '../surface/notice.tsx'

export function SignUpForm({ returnTo }: { returnTo: string }) {
  const [state, action] = useActionState(signUpAndGoOn, untouched)
  const form = useFirstError(state)
  return (
    <form ref={form} action={action} noValidate className="space-y-4">
      {state.message && <Alert>{state.message}</Alert>}
      <input type="hidden" name="returnTo" value={returnTo} />
      <TextField state={state} name="name" label="Name" autoComplete="name" required />
      <TextField
        state={state}
        name="email"
        label="Email"
        type="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
      />
      <PasswordField
        state={state}
        autoComplete="new-password"
        hint="At least 12 characters. A few words are easier to keep in mind than signs."
      />
      <SubmitButton size="large" className="w-full">
        Create account
      </SubmitButton>
    </form>
  )
}
