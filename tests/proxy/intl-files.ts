import { commonFiles, recommendedMatcher } from './app-files.ts'

/**
 * The files of an app as in next-intl's documentation. The default language has no prefix in the path, and the other language has the
 * prefix `/de`.
 */
export const intlFiles: Record<string, string> = {
  ...commonFiles,
  'package.json': JSON.stringify({ private: true }),
  'auth.ts': `import { createAuth } from '@sallyport/next/server'
import { issuer } from './issuer'
import { loginPath } from './login-path'
export const { auth, handlers, signIn, safeReturnTo } = createAuth({ issuer, loginPath })`,
  'login-path.ts': `export const loginPath = (pathname: string) => (/^\\/de(?:\\/|$)/.test(pathname) ? '/de/login' : '/login')`,
  'proxy.ts': `import { authProxy } from '@sallyport/next/proxy'
import createMiddleware from 'next-intl/middleware'
import type { NextFetchEvent, NextRequest } from 'next/server'
import { issuer } from './issuer'
import { loginPath } from './login-path'
import { routing } from './i18n/routing'

const auth = authProxy({
  issuer,
  loginPath,
  publicPaths: ['/', '/de'],
  protect: { '/admin/*': { role: 'admin' }, '/de/admin/*': { role: 'admin' } },
  next: createMiddleware(routing),
})

export async function proxy(request: NextRequest, event: NextFetchEvent) {
  const response = await auth(request, event)
  response.headers.set('x-wrapped', 'yes')
  return response
}
export const config = { matcher: ['${recommendedMatcher}'] }`,
  'next.config.ts': `import createNextIntlPlugin from 'next-intl/plugin'
// The plugin looks for its file where the build was started, which is the root of this repository.
process.chdir(__dirname)
export default createNextIntlPlugin('./i18n/request.ts')({
  transpilePackages: ['@sallyport/next', '@sallyport/verify', '@sallyport/protocol'],
  typescript: { ignoreBuildErrors: true },
})`,
  'i18n/routing.ts': `import { defineRouting } from 'next-intl/routing'
export const routing = defineRouting({ locales: ['en', 'de'], defaultLocale: 'en', localePrefix: 'as-needed' })`,
  'i18n/request.ts': `import { hasLocale } from 'next-intl'
import { getRequestConfig } from 'next-intl/server'
import { routing } from './routing'
const messages = { en: { home: 'Overview', login: 'Sign in' }, de: { home: 'Übersicht', login: 'Anmelden' } }
export default getRequestConfig(async ({ requestLocale }) => {
  const asked = await requestLocale
  const locale = hasLocale(routing.locales, asked) ? asked : routing.defaultLocale
  return { locale, messages: messages[locale] }
})`,
  'app/[locale]/layout.tsx': `export default async function Layout({ children, params }: { children: React.ReactNode; params: Promise<{ locale: string }> }) {
  return <html lang={(await params).locale}><body>{children}</body></html>
}`,
  'app/[locale]/page.tsx': 'export default function Page() { return <p>Ready</p> }',
  'app/[locale]/login/page.tsx': `import { getTranslations } from 'next-intl/server'
import { redirect } from 'next/navigation'
import { safeReturnTo, signIn } from '@/auth'
export default async function Login({ searchParams }: { searchParams: Promise<{ returnTo?: string }> }) {
  const t = await getTranslations()
  const { returnTo } = await searchParams
  async function action(form: FormData) {
    'use server'
    await signIn({ email: String(form.get('email')), password: String(form.get('password')) })
    redirect(safeReturnTo(returnTo))
  }
  return <form action={action}><h1>{t('login')}</h1>
    <input name="email" /><input name="password" type="password" /><button type="submit">Go</button></form>
}`,
  'app/[locale]/dashboard/page.tsx': `import { cookies } from 'next/headers'
import { getTranslations } from 'next-intl/server'
import { auth } from '@/auth'
export default async function Page() {
  const principal = await auth.require()
  const t = await getTranslations()
  return <main><h1>{t('home')}</h1><p>{'user=' + principal.userId} {'cookie=' + (await cookies()).get('refreshToken')?.value}</p></main>
}`,
  'app/[locale]/admin/page.tsx': 'export default function Page() { return <h1>Admin</h1> }',
}
