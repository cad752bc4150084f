import { buildSmallApp, nextConfig } from '../system/small-app.ts'
import { demoPassword } from '../system/system.ts'

/**
 * Returns the files of pages below one layout. `provider` has the props of the layout's `SessionProvider`: `initial` with the promise of
 * `auth()`, or none.
 */
function pagesBelow(path: string, provider: string): Record<string, string> {
  return {
    [`app/${path}/layout.tsx`]: `import { SessionProvider } from '@sallyport/next/client'
    import { Suspense } from 'react'
    import { auth } from '../../auth'
    import { signInHere, signOutHere, renderAgain } from '../actions'
    import { Links } from '../links'
    import { Person } from '../person'
    export default function Layout({ children }: { children: React.ReactNode }) {
      return (
        <SessionProvider${provider}>
          <header>The shell <Suspense fallback={<i id="waiting">waiting</i>}><Person /></Suspense></header>
          <form action={signInHere}><button>Sign in here</button></form>
          <form action={signOutHere}><button>Sign out here</button></form>
          <form action={renderAgain}><button>Render again</button></form>
          <Links below="/${path}" />
          {children}
        </SessionProvider>
      )
    }`,
    [`app/${path}/page.tsx`]: 'export default function Page() { return <h1>First</h1> }',
    [`app/${path}/second/page.tsx`]: 'export default function Page() { return <h1>Second</h1> }',
    [`app/${path}/items/[id]/page.tsx`]: `import { Suspense } from 'react'
    async function Id({ params }: { params: Promise<{ id: string }> }) { return <h1>Item {(await params).id}</h1> }
    export default function Page(props: { params: Promise<{ id: string }> }) {
      return <Suspense><Id {...props} /></Suspense>
    }`,
    [`app/${path}/login/page.tsx`]: `import { signInAndLeave } from '../../actions'
    export default function Page() {
      return (
        <form action={signInAndLeave.bind(null, '/${path}/second')}>
          <h1>Log in</h1>
          <button>Sign in and leave</button>
        </form>
      )
    }`,
    [`app/${path}/guarded/page.tsx`]: `import { auth } from '../../../auth'
    export const instant = false
    export default async function Page() {
      const { roles } = await auth.require()
      return <h1>Guarded: {roles.join()}</h1>
    }`,
  }
}

const files: Record<string, string> = {
  // The flags of an app that create-next-app makes.
  'next.config.ts': nextConfig({ cacheComponents: true, partialPrefetching: true }),
  'auth.ts': `import { createAuth } from '@sallyport/next/server'
  export const { auth, signIn, signOut, handlers } = createAuth({ loginPath: '/asked/login', apiPaths: ['/reports'] })`,
  'proxy.ts': `import { authProxy } from '@sallyport/next/proxy'
  export const proxy = authProxy({ loginPath: '/asked/login', publicPaths: ['/', '/asked', '/asked/second', '/asked/items/*', '/promised', '/promised/second', '/promised/login', '/promised/items/*'] })
  export const config = { matcher: ['/((?!api/|_next/static|_next/image).*)'] }`,
  'app/api/[...path]/route.ts': `import { handlers } from '../../../auth'
  export const { GET, HEAD, POST, PUT, PATCH, DELETE } = handlers`,
  'app/actions.ts': `'use server'
  import { revalidatePath } from 'next/cache'
  import { redirect } from 'next/navigation'
  import { signIn, signOut } from '../auth'
  const credentials = { email: 'member@example.com', password: '${demoPassword}' }
  export async function signInHere() { await signIn(credentials) }
  export async function signInAndLeave(to: string) { await signIn(credentials); redirect(to) }
  export async function signOutHere() { await signOut() }
  export async function renderAgain() { revalidatePath('/', 'layout') }`,
  'app/layout.tsx': `export default function Layout({ children }: { children: React.ReactNode }) {
    return <html lang="en"><head><link rel="icon" href="data:," /></head><body>{children}</body></html>
  }`,
  'app/page.tsx': 'export default function Page() { return <p>Ready</p> }',
  'app/links.tsx': `'use client'
  import Link from 'next/link'
  import { useRouter } from 'next/navigation'
  export function Links({ below }: { below: string }) {
    const router = useRouter()
    return (
      <nav>
        <Link href={below}>First</Link> <Link href={below + '/second'}>Second</Link>{' '}
        <Link href={below + '/items/7'}>Item</Link> <Link href={below + '/guarded'}>Guarded</Link>{' '}
        <Link href={below + '/login'}>Log in</Link>
        <button onClick={() => router.refresh()}>Refresh</button>
      </nav>
    )
  }`,
  'app/person.tsx': `'use client'
  import { Can, useSession } from '@sallyport/next/client'
  export function Person() {
    const session = useSession()
    return (
      <>
        <output>{session.status} {session.principal?.roles.join()}</output>
        <Can role="finance"><b>May export</b></Can>
        <button onClick={() => session.fetch('/api/reports/revenue').catch(() => {})}>Export</button>
      </>
    )
  }`,
  ...pagesBelow('promised', ' initial={auth()}'),
  ...pagesBelow('asked', ''),
}

/** Builds a Next app with the flags of create-next-app. */
export const buildNextApp = () =>
  buildSmallApp('tests/client', 'Building a Next app that shows its session', files)
