'use client'

import { Field } from '../form/field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { Alert } from '../surface/notice.tsx'
import type { EntryState } from './entry-state.ts'

/** A form for the six digits of a mail. The field accepts a pasted code with spaces, and the browser can fill it in from a message. */
export function CodeForm({ state, action }: { state: EntryState; action: (form: FormData) => void }) {
  const form = useFirstError(state)
  const { code, ...others } = state.values
  return (
    <form ref={form} action={action} noValidate className="space-y-4">
      {state.message && !state.isDone && code !== undefined && <Alert>{state.message}</Alert>}
      {Object.entries(others).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <Field label="Code from the mail" error={state.fields.code}>
        {(control) => (
          <input
            // After a wrong code, the field is empty again.
            key={state.answers}
            {...control}
            name="code"
            type="text"
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={20}
            defaultValue={state.fields.code === undefined ? code : ''}
            spellCheck={false}
            required
            className="field numeric h-12 text-center text-xl tracking-[0.4em]"
          />
        )}
      </Field>
      <SubmitButton size="large" className="w-full">
        Sign in
      </SubmitButton>
    </form>
  )
}
