'use client'

import type { ReactNode } from 'react'
import { SubmitButton } from '../form/submit-button.tsx'
import { TextField } from '../form/text-field.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { Alert } from '../surface/notice.tsx'
import type { EntryState } from './entry-state.ts'

/** A form for the address to which a mail is sent. */
export function AddressForm(props: {
  state: EntryState
  action: (form: FormData) => void
  /** Values that the form also sends. */
  hidden?: Record<string, string>
  children: ReactNode
}) {
  const { state, action, hidden = {}, children } = props
  const form = useFirstError(state)
  return (
    <form ref={form} action={action} noValidate className="space-y-4">
      {state.message && <Alert>{state.message}</Alert>}
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
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
      <SubmitButton size="large" className="w-full">
        {children}
      </SubmitButton>
    </form>
  )
}
