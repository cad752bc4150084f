import { nextConfig } from '../system/small-app.ts'

/** The matcher of README, docs, `init` and the examples. */
export const recommendedMatcher = '/((?!api/|_next/static|_next/image).*)?'

/** Returns the code of a page that shows what it sees: the session, and the refresh token that its render got. */
const page = (name: string) => `import { cookies } from 'next/headers'
import { auth } from '@/auth'
export const instant = false
export default async function Page() {
  const principal = await auth()
  const token = (await cookies()).get('refreshToken')?.value ?? 'none'
  return <main><h1>${name}</h1><p>{principal ? 'user=' + principal.userId : 'user=none'} {'cookie=' + token}</p></main>
}`

/** The code of a handler that responds with what it gets. */
const echo = `import { auth } from '@/auth'
const answer = async (request: Request) => {
  const body = await request.text()
  const principal = await auth({ request })
  return Response.json({ cookie: request.headers.get('cookie'), origin: request.headers.get('origin'),
    signature: request.headers.get('stripe-signature'), body, user: principal?.userId ?? null })
}
export { answer as GET, answer as POST, answer as PUT }`

const image = `import { ImageResponse } from 'next/og'
export const size = { width: 8, height: 8 }
export const contentType = 'image/png'
export default function Image() { return new ImageResponse(<div style={{ display: 'flex' }}>x</div>, size) }`

export const publicFiles = {
  '/fonts/inter.woff2': 'font',
  '/manifest.json': '{"name":"x"}',
  '/sw.js': 'self.x = 1',
  '/terms.pdf': '%PDF-',
  '/intro.mp4': 'video',
  '/logo.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  '/ads.txt': 'none',
  '/google123.html': '<p>x</p>',
  '/.well-known/security.txt': 'Contact: x',
  '/.well-known/assetlinks': '[]',
}

export const metadataRoutes = [
  '/opengraph-image',
  '/twitter-image',
  '/icon',
  '/apple-icon',
  '/sitemap.xml',
  '/robots.txt',
  '/manifest.webmanifest',
]

export const issuer = `import { customIssuer } from '@sallyport/next/issuer'
export const issuer = customIssuer({
  url: process.env.BACKEND_URL ?? 'http://localhost:1',
  login: ({ email, password }, send) => send('POST', '/login', { username: email, password }),
  refresh: (refreshToken, send) => send('POST', '/refresh', { refreshToken }),
  tokens: ({ body }) => ({ accessToken: body.accessToken, refreshToken: body.refreshToken }),
  access: { introspect: (accessToken, send) => send('GET', '/me', undefined, { accessToken }), rememberSeconds: 0 },
  principal: ({ id, roles }) => ({ userId: id, roles }),
})`

export const commonFiles: Record<string, string> = {
  'issuer.ts': issuer,
  'auth.ts': `import { createAuth } from '@sallyport/next/server'
import { issuer } from './issuer'
export const { auth, handlers } = createAuth({ issuer, apiPaths: ['/things', '/upload'] })`,
  'app/api/[...path]/route.ts': `import { handlers } from '@/auth'
export const { GET, HEAD, POST, PUT, PATCH, DELETE } = handlers`,
  'tsconfig.json': `{ "compilerOptions": { "jsx": "preserve", "module": "esnext", "moduleResolution": "bundler", "paths": { "@/*": ["./*"] } } }`,
  'next.config.ts': nextConfig(
    { cacheComponents: true, partialPrefetching: true, experimental: { authInterrupts: true } },
    "rewrites: async () => [{ source: '/old-reports', destination: '/reports' }]",
  ),
}

/** A small app with every kind of path that a proxy handles. */
export const appFiles: Record<string, string> = {
  ...commonFiles,
  'proxy.ts': `import { authProxy } from '@sallyport/next/proxy'
import { type NextRequest, NextResponse } from 'next/server'
import { issuer } from './issuer'
export const proxy = authProxy({
  issuer,
  publicPaths: ['/', '/login', '/open', '/open/short'],
  webhookPaths: ['/webhooks/*'],
  protect: {
    '/admin/*': { role: 'admin' },
    '/admin/billing': { role: 'finance' },
    '/hidden/*': { role: 'staff', status: 404 },
    '/downloads/*': { role: 'finance' },
    '/payouts/*': { role: 'finance', maxAgeSeconds: 600 },
    '/confirm': { maxAgeSeconds: 600 },
  },
  next: (request: NextRequest) => {
    const url = request.nextUrl.clone()
    const to = { '/short': '/admin', '/open/short': '/admin', '/open': '/dashboard' }[url.pathname]
    if (to === undefined) return undefined
    url.pathname = to
    return NextResponse.rewrite(url)
  },
})
export const config = { matcher: ['${recommendedMatcher}'] }`,
  'app/layout.tsx': `export default function Layout({ children }: { children: React.ReactNode }) {
    return <html lang="en"><body>{children}</body></html>
  }`,
  'app/page.tsx': `import Link from 'next/link'
export default function Page() { return <main><p>Ready</p><Link href="/admin" prefetch={false}>Admin</Link></main> }`,
  'app/login/page.tsx': 'export default function Page() { return <h1>Sign in</h1> }',
  'app/dashboard/page.tsx': page('Dashboard'),
  'app/users/[name]/page.tsx': page('User'),
  'app/payouts/page.tsx': page('payouts'),
  'app/confirm/page.tsx': page('confirm'),
  'app/admin/page.tsx': page('Admin'),
  'app/admin/billing/page.tsx': page('Billing'),
  'app/admin/[id]/page.tsx': page('Entry'),
  'app/hidden/page.tsx': page('Hidden'),
  // Shown instead of /admin after a navigation from /dashboard.
  'app/dashboard/(..)admin/page.tsx': page('Admin'),
  'app/reports/page.tsx': `import { auth } from '@/auth'
export const instant = false
export default async function Page() {
  await auth.require({ role: 'nobody' })
  return <h1>Reports</h1>
}`,
  'app/webhooks/pay/route.ts': echo,
  'app/own/route.ts': echo,
  'app/opengraph-image.tsx': image,
  'app/twitter-image.tsx': image,
  'app/icon.tsx': image,
  'app/apple-icon.tsx': image,
  'app/sitemap.ts': "export default function sitemap() { return [{ url: 'https://app.example.com' }] }",
  'app/robots.ts': "export default function robots() { return { rules: { userAgent: '*' } } }",
  'app/manifest.ts': "export default function manifest() { return { name: 'x' } }",
  'public/downloads/q3.pdf': '%PDF-secret',
  ...Object.fromEntries(Object.entries(publicFiles).map(([path, text]) => [`public${path}`, text])),
}
