import { buildSmallApp, nextConfig } from '../system/small-app.ts'
import type { System } from '../system/system.ts'

/** The `next.config` options in which two apps differ. */
export type NextSettings = {
  basePath?: string
  trailingSlash?: boolean
}

const plainPage = (text: string) => `export default function Page() { return <p>${text}</p> }`

const files = {
  'app/layout.tsx': `import { SessionProvider } from '@sallyport/next/client'
  import { auth } from '../auth'
  export default async function Layout({ children }: { children: React.ReactNode }) {
    const initial = await auth()
    return <html lang="en"><body><SessionProvider initial={initial}>{children}</SessionProvider></body></html>
  }`,
  'login-path.ts': `export const loginPath = (pathname: string) =>
    /^\\/de(?:\\/|$)/.test(pathname) ? '/de/login' : '/login'`,
  'auth.ts': `import { createAuth } from '@sallyport/next/server'
  import { loginPath } from './login-path'
  export const { auth, signIn, signOut, safeReturnTo, handlers } = createAuth({
    apiPaths: ['/summary', '/moved'],
    loginPath,
    loginBasePath: process.env.LOGIN_BASE_PATH,
  })`,
  // The page /unseen and the handler /export are protected by auth.require only.
  'proxy.ts': `import { authProxy } from '@sallyport/next/proxy'
  import { loginPath } from './login-path'
  export const proxy = authProxy({
    publicPaths: ['/', '/über-uns', '/docs/*', '/de/team'],
    loginPath,
    loginBasePath: process.env.LOGIN_BASE_PATH,
  })
  export const config = { matcher: ['/((?!api/|_next/static|_next/image|unseen|export).*)?'] }`,
  'app/api/[...path]/route.ts': `import { handlers } from '../../../auth'
  export const { GET, HEAD, POST, PUT, PATCH, DELETE } = handlers`,
  'app/login/page.tsx': `import { redirect } from 'next/navigation'
  import { safeReturnTo, signIn } from '../../auth'
  export default async function Login({ searchParams }: { searchParams: Promise<{ returnTo?: string }> }) {
    const { returnTo } = await searchParams
    async function action(form: FormData) {
      'use server'
      const result = await signIn({ email: String(form.get('email')), password: String(form.get('password')) })
      redirect(result.ok ? safeReturnTo(returnTo) : safeReturnTo('/login?failed'))
    }
    return (
      <form action={action}>
        <label>Email <input name="email" type="email" /></label>
        <label>Password <input name="password" type="password" /></label>
        <button type="submit">Sign in</button>
      </form>
    )
  }`,
  'app/de/login/page.tsx': `export { default } from '../../login/page'`,
  // For the proxy, this page is public. The page itself requires a session, and must find its own sign-in page.
  'app/de/team/page.tsx': `import { auth } from '../../../auth'
  export default async function Team() {
    await auth.require()
    return <h1>Team</h1>
  }`,
  'app/ask.tsx': `'use client'
  import { useSession } from '@sallyport/next/client'
  import { useState } from 'react'
  export function Ask() {
    const { fetch, signOut, status } = useSession()
    const [answer, setAnswer] = useState('')
    const ask = async (path: '/api/summary?x=1' | '/api/moved') => {
      const response = await fetch(path)
      setAnswer(response.status + ' ' + (await response.text()))
    }
    return (
      <section>
        <p>Session: {status}</p>
        <p>Answer: {answer}</p>
        <button type="button" onClick={() => ask('/api/summary?x=1')}>Ask</button>
        <button type="button" onClick={() => ask('/api/moved')}>Ask what has moved</button>
        <button type="button" onClick={() => signOut()}>Sign out</button>
      </section>
    )
  }`,
  'app/dashboard/page.tsx': `import Link from 'next/link'
  import { auth, safeReturnTo, signOut } from '../../auth'
  import { redirect } from 'next/navigation'
  import { Ask } from '../ask'
  export default async function Dashboard() {
    const { roles } = await auth.require()
    async function leave() {
      'use server'
      await signOut()
      redirect(safeReturnTo('/login'))
    }
    return (
      <main>
        <h1>Dashboard</h1>
        <p>Roles: {roles.join(' ')}</p>
        <Ask />
        <Link href="/reports">Reports</Link>
        <form action={leave}><button type="submit">Sign out by the server</button></form>
      </main>
    )
  }`,
  'app/reports/page.tsx': `import { auth } from '../../auth'
  export default async function Reports() {
    await auth.require({ role: 'finance' })
    return <h1>Reports</h1>
  }`,
  'app/unseen/page.tsx': `import { auth } from '../../auth'
  export default async function Unseen() {
    await auth.require({ returnTo: '/unseen?a=1' })
    return <h1>Unseen</h1>
  }`,
  // This route handler redirects users without a session. In route handlers, Next's own redirect() omits basePath.
  'app/export/route.ts': `import { auth } from '../../auth'
  export async function GET(request: Request) {
    const { userId } = await auth.require({ returnTo: '/dashboard' }, { request })
    return Response.json({ userId })
  }`,
  'app/page.tsx': `import { Ask } from './ask'
  export default function Home() { return <main><h1>Home</h1><Ask /></main> }`,
  'app/docs/[...slug]/page.tsx': plainPage('Docs'),
  'app/admin/page.tsx': plainPage('Secret of the admins'),
  // Next finds a page with non-ASCII letters only by its encoded name.
  'app/%C3%BCber-uns/page.tsx': plainPage('About us'),
}

/** Builds a Next app with pages of each kind below `tests/paths`. */
export async function buildNextApp(settings: NextSettings) {
  const { serve, remove } = await buildSmallApp(
    'tests/paths',
    `Building a Next app with ${JSON.stringify(settings)}`,
    { ...files, 'next.config.ts': nextConfig({ ...settings, experimental: { authInterrupts: true } }) },
  )
  const readyPath = `${settings.basePath ?? ''}/docs/ready${settings.trailingSlash ? '/' : ''}`
  return {
    remove,
    /** Serves the app with this auth server and this API. `env` is added to the environment of the app. */
    serve: ({ authUrl, authEnv }: System, apiUrl: string, env: Record<string, string> = {}) =>
      serve(
        () => ({
          API_URL: apiUrl,
          SALLYPORT_URL: authUrl,
          SALLYPORT_ISSUER: authUrl,
          SALLYPORT_AUDIENCE: 'billing-web',
          SALLYPORT_FRONTEND_SECRET: authEnv.SALLYPORT_FRONTEND_SECRET ?? '',
          SALLYPORT_VERIFIER_SECRET: authEnv.SALLYPORT_VERIFIER_SECRET ?? '',
          ...env,
        }),
        readyPath,
      ),
  }
}
