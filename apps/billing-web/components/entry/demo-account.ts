export type DemoAccount = { role: string; sees: string; email: string; password: string }

/** The accounts of the example, where it runs as one; none anywhere else. Asked on the server, at each request. */
export function demoAccounts(): readonly DemoAccount[] {
  if (process.env.SHOW_DEMO_ACCOUNTS !== '1') return []
  const password = 'open the second door'
  return [
    { role: 'Owner', sees: 'everything', email: 'owner@example.com', password },
    { role: 'Finance', sees: 'everything', email: 'finance@example.com', password },
    { role: 'Member', sees: 'no reports', email: 'member@example.com', password },
  ]
}
