export type DemoAccount = { role: string; sees: string; email: string; password: string }

/** Returns the demo accounts if `SHOW_DEMO_ACCOUNTS` is 1, else none. The server reads the variable at each request. */
export function demoAccounts(): readonly DemoAccount[] {
  if (process.env.SHOW_DEMO_ACCOUNTS !== '1') return []
  const password = 'open the second door'
  return [
    { role: 'Owner', sees: 'everything', email: 'owner@example.com', password },
    { role: 'Finance', sees: 'everything', email: 'finance@example.com', password },
    { role: 'Member', sees: 'no reports', email: 'member@example.com', password },
  ]
}
