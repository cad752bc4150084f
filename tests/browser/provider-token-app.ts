import { buildSmallApp, nextConfig } from '../system/small-app.ts'

const files = {
  'next.config.ts': nextConfig(),
  'auth.ts': `import { createAuth } from '@sallyport/next/server'
  export const { auth, handlers } = createAuth()`,
  'app/api/[...path]/route.ts': `import { handlers } from '../../../auth'
  export const { GET, HEAD, POST, PUT, PATCH, DELETE } = handlers`,
  'app/layout.tsx': `export default function Layout({ children }: { children: React.ReactNode }) {
    return <html lang="en"><head><link rel="icon" href="data:," /></head><body>{children}</body></html>
  }`,
  'app/page.tsx': 'export default function Page() { return <p>Ready</p> }',
  'app/login/page.tsx': `export default function Page() {
    return (
      <form action="/api/auth/providers/acme" method="post">
        <input type="hidden" name="returnTo" value="/account" />
        <button type="submit">Continue with Acme</button>
      </form>
    )
  }`,
  'account-at-acme.ts': `import { auth } from './auth'
  export async function accountAtAcme(): Promise<string> {
    const token = await auth.providerToken('acme')
    if (token === null) return 'no token'
    const answer = await fetch(process.env.ACME_URL + '/me', {
      headers: { authorization: 'Bearer ' + token.accessToken },
      cache: 'no-store',
    })
    return answer.status + ' ' + (await answer.json()).email
  }`,
  'app/account/actions.ts': `'use server'
  import { accountAtAcme } from '../../account-at-acme'
  export async function readAccount() { return accountAtAcme() }`,
  'app/account/read-account.tsx': `'use client'
  import { useActionState } from 'react'
  import { readAccount } from './actions'
  export function ReadAccount() {
    const [account, action] = useActionState(readAccount, 'not read')
    return <form action={action}><button>Read</button><output>{account}</output></form>
  }`,
  'app/account/page.tsx': `import { accountAtAcme } from '../../account-at-acme'
  import { auth } from '../../auth'
  import { ReadAccount } from './read-account'
  export default async function Page() {
    await auth.require({ returnTo: '/account' })
    return <main><h1>{await accountAtAcme()}</h1><ReadAccount /></main>
  }`,
}

/** Builds a Next app that reads the API of the provider Acme, at `ACME_URL`, in a page and in a server action. */
export const buildProviderTokenApp = () =>
  buildSmallApp('tests/browser', 'Building a Next app that reads the API of a provider', files)
