import type { ReactNode } from 'react'
import { CodeField } from './code-field.tsx'
import type { FormState } from './form-state.ts'
import { PasswordField } from './password-field.tsx'

/** The fields with which a user proves again who they are. They are shown only if the state of the form asks for them. */
export function IdentityFields({ state, note }: { state: FormState; note?: ReactNode }) {
  if (!state.asksPassword) return null
  return (
    <div className="space-y-3">
      {note && <p className="text-pretty text-soft">{note}</p>}
      <PasswordField state={state} autoComplete="current-password" />
      {state.asksCode && <CodeField state={state} label="Code from your authenticator app" />}
    </div>
  )
}
