'use client'

import { LoaderCircle } from 'lucide-react'
import { useFormStatus } from 'react-dom'
import type { DemoAccount } from './demo-account.ts'

/** The demo accounts. Each is a form that signs in, so it also works without scripts. */
export function DemoAccounts(props: {
  accounts: readonly DemoAccount[]
  action: (form: FormData) => void
  returnTo: string
}) {
  const { accounts, action, returnTo } = props
  return (
    <section
      aria-labelledby="demo-accounts"
      className="mt-6 rounded-xl border border-line border-dashed p-1.5"
    >
      <h2 id="demo-accounts" className="px-2.5 pt-1.5 font-medium text-[0.8125rem] text-soft">
        Demo accounts
      </h2>
      <ul className="mt-1">
        {accounts.map((account) => (
          <li key={account.email}>
            <form action={action}>
              <input type="hidden" name="returnTo" value={returnTo} />
              <input type="hidden" name="email" value={account.email} />
              <input type="hidden" name="password" value={account.password} />
              <DemoButton account={account} />
            </form>
          </li>
        ))}
      </ul>
      <p className="border-line border-t border-dashed px-2.5 py-2 text-[0.8125rem] text-soft">
        For all three: <code className="font-mono text-ink">{accounts[0]?.password}</code>
      </p>
    </section>
  )
}

function DemoButton({ account: { role, email, sees } }: { account: DemoAccount }) {
  const { pending } = useFormStatus()
  return (
    <button
      type="submit"
      aria-busy={pending}
      aria-disabled={pending}
      onClick={(event) => {
        if (pending) event.preventDefault()
      }}
      className="flex w-full items-center gap-3 rounded-lg px-2.5 py-2 text-left hover:bg-sunken"
    >
      <span className="w-16 font-medium">{role}</span>
      <span className="min-w-0 flex-1 truncate text-soft">{email}</span>
      {pending ? (
        <LoaderCircle aria-hidden className="size-4 animate-spin text-soft" />
      ) : (
        <span className="hidden text-[0.8125rem] text-faint sm:block">{sees}</span>
      )}
    </button>
  )
}
