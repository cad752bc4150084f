import type { DemoAccount } from './demo-account.ts'

/** The demo accounts. If the user presses one, the form is filled in. Without scripts, the user can type the values. */
export function DemoAccounts(props: {
  accounts: readonly DemoAccount[]
  onChoose: (account: DemoAccount) => void
}) {
  return (
    <section
      aria-labelledby="demo-accounts"
      className="mt-6 rounded-xl border border-line border-dashed p-1.5"
    >
      <h2 id="demo-accounts" className="px-2.5 pt-1.5 font-medium text-[0.8125rem] text-soft">
        Demo accounts
      </h2>
      <ul className="mt-1">
        {props.accounts.map((account) => (
          <li key={account.email}>
            <button
              type="button"
              onClick={() => props.onChoose(account)}
              className="flex w-full items-center gap-3 rounded-lg px-2.5 py-2 text-left hover:bg-sunken"
            >
              <span className="w-16 font-medium">{account.role}</span>
              <span className="min-w-0 flex-1 truncate text-soft">{account.email}</span>
              <span className="hidden text-[0.8125rem] text-faint sm:block">{account.sees}</span>
            </button>
          </li>
        ))}
      </ul>
      <p className="border-line border-t border-dashed px-2.5 py-2 text-[0.8125rem] text-soft">
        For all three: <code className="font-mono text-ink">{props.accounts[0]?.password}</code>
      </p>
    </section>
  )
}
