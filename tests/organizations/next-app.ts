import { buildSmallApp, nextConfig, type SmallApp } from '../system/small-app.ts'

const files = (place: 'path' | 'subdomain') => {
  const folder = place === 'path' ? 'app/o/[slug]' : 'app/(organization)'
  const up = place === 'path' ? '../../..' : '../..'
  const named = place === 'path' ? 'slug' : ''
  const readSlug = place === 'path' ? 'const { slug } = await params' : ''
  const props = place === 'path' ? '{ params }: { params: Promise<{ slug: string }> }' : ''
  const base = place === 'path' ? '/o/[organization]' : ''
  return {
    'app/layout.tsx': `import { SessionProvider } from '@sallyport/next/client'
    import { auth } from '../auth'
    export default async function Layout({ children }: { children: React.ReactNode }) {
      return <html lang="en"><body><SessionProvider initial={await auth()}>{children}</SessionProvider></body></html>
    }`,
    'auth.ts': `import { createAuth } from '@sallyport/next/server'
    export const { auth, api, signIn, organizations, safeReturnTo, handlers } = createAuth({
      apiPaths: ['/whoami'],
      organizations: '${place}',
      cookieDomain: process.env.COOKIE_DOMAIN || undefined,
    })`,
    // The page /unruled is protected by auth.require only.
    'proxy.ts': `import { authProxy } from '@sallyport/next/proxy'
    export const proxy = authProxy({
      organizations: '${place}',
      publicPaths: ['/'],
      protect: { '${base}/reports/*': { permission: 'report:read' } },
      cookieDomain: process.env.COOKIE_DOMAIN || undefined,
    })
    export const config = { matcher: ['/((?!api/|_next/static|_next/image|.*unruled).*)?'] }`,
    'app/api/[...path]/route.ts': `import { handlers } from '../../../auth'
    export const { GET, HEAD, POST, PUT, PATCH, DELETE } = handlers`,
    'app/login/page.tsx': `import { redirect } from 'next/navigation'
    import { safeReturnTo, signIn } from '../../auth'
    export default async function Login({ searchParams }: { searchParams: Promise<{ returnTo?: string }> }) {
      const { returnTo } = await searchParams
      async function action(form: FormData) {
        'use server'
        const result = await signIn({ email: String(form.get('email')), password: String(form.get('password')) })
        redirect(result.ok ? safeReturnTo(returnTo) : '/login?failed')
      }
      return (
        <form action={action}>
          <label>Email <input name="email" type="email" /></label>
          <label>Password <input name="password" type="password" /></label>
          <button type="submit">Sign in</button>
        </form>
      )
    }`,
    'app/confirm/page.tsx': `export default function Confirm() { return <h1>Confirm</h1> }`,
    'app/page.tsx': `export default function Home() { return <h1>Home</h1> }`,
    'app/dashboard/page.tsx': `import { redirect } from 'next/navigation'
    import { auth, organizations } from '../../auth'
    export default async function Dashboard() {
      const { roles, organizationId } = await auth.require()
      const mine = await organizations.list()
      async function create(form: FormData) {
        'use server'
        const made = await organizations.create({ name: String(form.get('name')) })
        redirect(made.ok ? '/o/' + made.organization.slug : '/dashboard?' + made.problem.code)
      }
      return (
        <main>
          <h1>Dashboard</h1>
          <p>Roles: {roles.join(' ')}, organization: {organizationId ?? 'none'}</p>
          <ul>{mine.ok && mine.organizations.map(({ id, slug, name }) => <li key={id}>{name} {slug}</li>)}</ul>
          <form action={create}><input name="name" aria-label="Name" /><button type="submit">Create</button></form>
        </main>
      )
    }`,
    [`${folder}/layout.tsx`]: `import { OrganizationProvider } from '@sallyport/next/client-organization'
    import { auth } from '${up}/auth'
    export default async function Layout({ children${place === 'path' ? ', params' : ''} }: { children: React.ReactNode; params: Promise<{ slug: string }> }) {
      ${readSlug}
      return <OrganizationProvider initial={await auth.organization(${named})()}>{children}</OrganizationProvider>
    }`,
    [`${folder}/ask.tsx`]: `'use client'
    import { Can, useSession } from '@sallyport/next/client'
    import { useState } from 'react'
    export function Ask({ base }: { base: string }) {
      const { fetch, principal } = useSession()
      const [answer, setAnswer] = useState('')
      return (
        <section>
          <p>In the browser: {principal?.organizationId ?? 'none'}</p>
          <Can permission="report:read" fallback={<p>No reports</p>}><p>Reports</p></Can>
          <p>Answer: {answer}</p>
          <button type="button" onClick={async () => {
            const response = await fetch(\`/api\${base}/whoami\`)
            setAnswer(response.status + ' ' + (await response.text()))
          }}>Ask</button>
        </section>
      )
    }`,
    [`${folder}/${place === 'path' ? '' : 'home/'}page.tsx`]: `import { revalidatePath } from 'next/cache'
    import { api, auth, organizations } from '${place === 'path' ? up : '../../../'}/auth'
    import { Ask } from '${place === 'path' ? '.' : '..'}/ask'
    export default async function Page(${props}) {
      ${readSlug}
      const { organizationId, roles } = await auth.organization(${named}).require()
      const found = await auth.organization(${named}).describe()
      const answer = await api.organization(${named}).get('/whoami')
      async function send() {
        'use server'
        await api.organization(${named}).post('/whoami', {})
      }
      async function leave() {
        'use server'
        await organizations.leave(organizationId!)
        revalidatePath('/', 'layout')
      }
      return (
        <main>
          <h1>{found?.name}</h1>
          <p>Organization: {organizationId}, roles: {roles.join(' ')}</p>
          <p>From the API: {JSON.stringify(answer)}</p>
          <Ask base={${place === 'path' ? '`/o/${slug}`' : "''"}} />
          <form action={send}><button type="submit">Send</button></form>
          <form action={leave}><button type="submit">Leave</button></form>
        </main>
      )
    }`,
    [`${folder}/reports/page.tsx`]: `export default function Reports() { return <h1>Reports of an organization</h1> }`,
    [`${folder}/unruled/page.tsx`]: `import { auth } from '${up}/../auth'
    export default async function Unruled(${props}) {
      ${readSlug}
      await auth.organization(${named}).require({ permission: 'report:read' })
      return <h1>Unruled</h1>
    }`,
    'next.config.ts': nextConfig({ experimental: { authInterrupts: true } }),
  }
}

/** Builds a Next app with pages of organizations, whose address is below `/o` or a subdomain. */
export function buildOrganizationsApp(place: 'path' | 'subdomain'): Promise<SmallApp> {
  return buildSmallApp(
    'tests/organizations',
    `Building a Next app with organizations by ${place}`,
    files(place),
  )
}
