'use client'

import { CodeField } from '../form/code-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { Alert } from '../surface/notice.tsx'
import type { EntryState } from './entry-state.ts'

/** A form for the six digits of a mail. Its field gets the focus. */
export function CodeForm({ state, action }: { state: EntryState; action: (form: FormData) => void }) {
  const form = useFirstError(state)
  const { code, ...others } = state.values
  return (
    <form ref={form} action={action} noValidate className="space-y-4">
      {state.message && !state.isDone && code !== undefined && <Alert>{state.message}</Alert>}
      {Object.entries(others).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <CodeField state={state} label="Code from the mail" takesFocus isLarge />
      <SubmitButton size="large" className="w-full">
        Sign in
      </SubmitButton>
    </form>
  )
}
