import { buildSmallApp, nextConfig, served } from '../system/small-app.ts'

const files = {
  'app/layout.tsx': `export default function Layout({ children }: { children: React.ReactNode }) {
    return <html lang="en"><body>{children}</body></html>
  }`,
  'app/page.tsx': 'export default function Page() { return <p>Ready</p> }',
  'auth.ts': `import { customIssuer } from '@sallyport/next/issuer'
  import { createAuth } from '@sallyport/next/server'
  const issuer = customIssuer({
    url: process.env.BACKEND_URL ?? 'http://localhost:1',
    login: ({ email, password }, send) => send('POST', '/login', { username: email, password }),
    refresh: (refreshToken, send) => send('POST', '/refresh', { refreshToken }),
    tokens: ({ body }) => ({ accessToken: body.accessToken, refreshToken: body.refreshToken }),
    access: { introspect: (accessToken, send) => send('GET', '/me', undefined, { accessToken }) },
    principal: ({ id, roles }) => ({ userId: id, roles }),
  })
  export const { handlers } = createAuth({ issuer, apiPaths: ['/things'] })`,
  'app/api/[...path]/route.ts': `import { handlers } from '../../../auth'
  export const { GET, HEAD, POST, PUT, PATCH, DELETE } = handlers`,
  // docs/pass-through.md requires this setting for paths with a trailing slash.
  'next.config.ts': nextConfig({ skipTrailingSlashRedirect: true }),
}

/** Builds and starts a Next app with only the handlers. */
export async function startNextApp(env: Record<string, string>) {
  const built = await buildSmallApp('tests/forward', 'Building a Next app that forwards', files)
  return served(built, () => env)
}
