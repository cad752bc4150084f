'use client'

import { CodeForm } from './code-form.tsx'
import type { EntryState } from './entry-state.ts'
import { Mailed } from './mailed.tsx'

/** Asks for the code of the mail that was sent. It says the same whether or not the account exists. */
export function EnterCode({ state, action }: { state: EntryState; action: (form: FormData) => void }) {
  const { email } = state.values
  const address = email ? (
    <>
      <strong className="font-medium text-ink">{email}</strong> has an account
    </>
  ) : (
    'your address has an account'
  )
  return (
    <Mailed
      state={state}
      action={action}
      title="Enter the code"
      form={<CodeForm state={state} action={action} />}
    >
      If {address}, we have mailed you a code and a link. The code works in this browser for ten minutes.
    </Mailed>
  )
}
