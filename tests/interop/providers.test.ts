import { describe, expect, it } from 'vitest'
import type { AuthOptions } from '../../packages/next/src/config/config.ts'
import { createHandlers } from '../../packages/next/src/server/handlers.ts'
import type { Runtime } from '../../packages/next/src/session/runtime.ts'
import { type OidcProvider, oidc, type SallyportOptions } from '../../packages/server/src/index.ts'
import {
  type Callback,
  startOidcProvider,
  testClient,
  visitProvider,
} from '../../packages/server/src/testing/outside-providers.ts'
import {
  claimsOf,
  type FrozenClock,
  frozenClock,
  password,
  startSallyport,
  testOptions,
} from '../../packages/server/src/testing/sallyport.ts'
import { startNextProcess } from './next-process.ts'

const accounts = {
  ada: { email: 'ada@example.com', email_verified: true, name: 'Ada' },
  eve: { email: 'eve@example.com', email_verified: true, name: 'Eve' },
}
const app = testOptions.origins
const start = `${app}/api/auth/providers/acme`

async function world({
  formPost = false,
  settings = {},
  options = {},
  clock = frozenClock(Date.now()),
}: {
  formPost?: boolean
  settings?: SallyportOptions
  options?: AuthOptions
  clock?: FrozenClock
} = {}) {
  const acme = await startOidcProvider(accounts)
  const query = oidc({ issuer: acme.issuer, label: 'Acme', ...testClient })
  const provider: OidcProvider = formPost ? { ...query, responseMode: 'form_post' } : query
  const server = await startSallyport(settings, clock, { providers: { acme: provider } })
  const runtime = startNextProcess(server, { options })
  return { server, browser: () => new NavigatingBrowser(runtime) }
}

type Cookie = { value: string; sameSite: string }

/** A browser that navigates: it keeps cookies, and sends only those that `SameSite` allows (RFC 6265bis section 5.6.7). */
class NavigatingBrowser {
  readonly jar = new Map<string, Cookie>()
  readonly #handlers: ReturnType<typeof createHandlers>
  readonly visited: string[] = []

  constructor(runtime: Runtime) {
    this.#handlers = createHandlers(() => runtime)
  }

  /** Sends one request. `from` is the site of the page that caused it. */
  async send(method: 'GET' | 'POST', url: string, from: 'own' | 'other', form?: Record<string, string>) {
    const isSent = ({ sameSite }: Cookie) =>
      from === 'own' || (sameSite === 'Lax' && method === 'GET') || sameSite === 'None'
    const cookie = [...this.jar].flatMap(([name, one]) => (isSent(one) ? [`${name}=${one.value}`] : []))
    const answer = await this.#handlers[method](
      new Request(url, {
        method,
        headers: {
          cookie: cookie.join('; '),
          'sec-fetch-site': from === 'own' ? 'same-origin' : 'cross-site',
          'sec-fetch-mode': 'navigate',
          'sec-fetch-dest': 'document',
          ...(method === 'POST' && { origin: from === 'own' ? app : 'https://acme.example' }),
        },
        ...(form && { body: new URLSearchParams(form) }),
      }),
    )
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      const sameSite = /SameSite=(\w+)/.exec(line)?.[1] ?? ''
      if (/Max-Age=0(?:;|$)/.test(line)) this.jar.delete(name)
      else this.jar.set(name, { value, sameSite })
    }
    return {
      status: answer.status,
      location: answer.headers.get('location'),
      page: await answer.text(),
      answer,
    }
  }

  /** Sends the form of the button, and returns the address of the provider. */
  async press(form: Record<string, string> = {}): Promise<string> {
    const { page, location } = await this.send('POST', start, 'own', form)
    const url = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(page)?.[1]
    return url?.replaceAll('&#38;', '&') ?? location ?? ''
  }

  /** Comes back from the provider with a query, and follows the pages until the app has the browser again. */
  async comeBack(callback: Callback, address = `${start}/callback`): Promise<string | null> {
    let url = `${address}?${new URLSearchParams(callback)}`
    let from: 'own' | 'other' = 'other'
    for (let hop = 0; hop < 5; hop += 1) {
      const { status, location, page } = await this.send('GET', url, from)
      this.visited.push(`${status} ${from}`)
      if (location !== null && !location.startsWith(start)) return location
      // The reload page opens the same address, and the request then comes from our own page.
      if (status === 200 && page.includes('location.replace')) from = 'own'
      else return page
      url = location ?? url
    }
    return null
  }

  names = () => [...this.jar.keys()].filter((name) => !name.startsWith('sallyport')).sort()
}

describe('the Next SDK and outside providers', () => {
  it('another site cannot end a sign-in that is under way, with a callback of its own', async () => {
    const { browser } = await world()
    const page = browser()
    const callback = await visitProvider(await page.press({ returnTo: '/invoices' }), 'ada')
    // A page of another site opens the address of the callback.
    expect(await page.comeBack({ state: 'of-another-site', code: 'x' })).toContain('error=sign_in_expired')
    expect(await page.comeBack(callback)).toBe(`${app}/invoices`)
    expect(page.names()).toEqual(['accessToken', 'refreshToken'])
  })

  it('signs in with a form and without scripts, and opens the page that was asked for', async () => {
    const { browser, server } = await world()
    const page = browser()
    const url = await page.press({ returnTo: '/invoices?page=2' })
    expect(page.jar.get('providerState')).toMatchObject({ sameSite: 'Lax' })
    const location = await page.comeBack(await visitProvider(url, 'ada'))
    expect(location).toBe(`${app}/invoices?page=2`)
    expect(page.visited).toEqual(['200 other', '303 own'])
    expect(page.names()).toEqual(['accessToken', 'refreshToken'])
    expect(page.jar.get('accessToken')).toMatchObject({ sameSite: 'Strict' })
    expect(claimsOf(page.jar.get('accessToken')?.value ?? '')).toMatchObject({ amr: ['fed'] })
    expect(server.rows('user')).toMatchObject([{ email: 'ada@example.com' }])
  })

  it('ends the session that the browser had before', async () => {
    const { browser, server } = await world()
    const page = browser()
    await page.comeBack(await visitProvider(await page.press(), 'ada'))
    await page.comeBack(await visitProvider(await page.press(), 'eve'))
    const sessions = server.rows<{ endedAt: number | null }>('session')
    expect(sessions.map(({ endedAt }) => endedAt === null).sort()).toEqual([false, true])
  })

  it('takes the form of a provider that uses form_post, and finishes by the GET that follows', async () => {
    const { browser } = await world({ formPost: true })
    const page = browser()
    const url = await page.press({ returnTo: '/invoices' })
    expect(new URL(url).searchParams.get('response_mode')).toBe('form_post')
    const values = await visitProvider(url, 'ada')
    const posted = await page.send('POST', `${start}/callback`, 'other', values)
    const state = new URLSearchParams({ state: values.state ?? '' })
    expect([posted.status, posted.location]).toEqual([303, `${start}/callback?${state}`])
    expect(await page.comeBack({ state: values.state ?? '' })).toBe(`${app}/invoices`)
    expect(page.names()).toEqual(['accessToken', 'refreshToken'])
  })

  it('refuses a start from another site, and every other POST from another site', async () => {
    const { browser, server } = await world()
    const page = browser()
    for (const path of [start, `${start}/callback/x`, `${app}/api/auth/login`])
      expect((await page.send('POST', path, 'other', { code: 'x' })).status).toBe(403)
    const forged = await page.send('POST', `${start}/callback`, 'other', { state: 'x'.repeat(43), code: 'x' })
    expect(forged.location).toBe(`${app}/login?error=sign_in_expired`)
    expect((await page.send('GET', start, 'own')).status).toBe(405)
    expect(server.rows('provider_start')).toEqual([])
    expect(page.names()).toEqual([])
  })

  it('refuses the callback of another browser, and signs nobody in (login CSRF)', async () => {
    const { browser, server } = await world()
    const [victim, attacker] = [browser(), browser()]
    await victim.press()
    const callback = await visitProvider(await attacker.press(), 'eve')
    expect(await victim.comeBack(callback)).toBe(`${app}/login?error=sign_in_expired`)
    expect(await browser().comeBack(callback)).toBe(`${app}/login?error=sign_in_expired`)
    const twice = `${start}/callback?${new URLSearchParams(callback)}&state=other`
    expect((await attacker.send('GET', twice, 'own')).location).toBe(`${app}/login?error=sign_in_expired`)
    expect(server.rows('session')).toEqual([])
  })

  it.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/.//evil.example',
    'javascript:alert(1)',
  ])('never redirects to %s', async (returnTo) => {
    const { browser } = await world()
    const page = browser()
    const url = await page.press({ returnTo })
    // Even if the cookie is changed, the path is checked again.
    const [handle] = page.jar.get('providerState')?.value.split('.') ?? []
    const path = Buffer.from(returnTo).toString('base64url')
    page.jar.set('providerState', { value: `${handle}.s.${path}`, sameSite: 'Lax' })
    expect(await page.comeBack(await visitProvider(url, 'ada'))).toBe(`${app}/dashboard`)
  })

  it('shows an error on the sign-in page, with its code and no text of the provider', async () => {
    const { browser, server } = await world()
    await server.addUser('eve@example.com')
    const page = browser()
    const cancelled = await visitProvider(await page.press({ returnTo: '/invoices' }), null)
    expect(await page.comeBack({ ...cancelled, error_description: '<b>evil</b>' })).toBe(
      `${app}/login?returnTo=%2Finvoices&error=provider_refused`,
    )
    expect(page.names()).toEqual([])
    const known = await page.comeBack(await visitProvider(await page.press(), 'eve'))
    expect(known).toBe(`${app}/login?error=identity_unlinked`)
    expect((await page.send('POST', `${app}/api/auth/providers/nobody`, 'own', {})).location).toBe(
      `${app}/login?error=not_found`,
    )
  })

  it('opens the page for the second factor, and signs nobody in before', async () => {
    const { browser, server } = await world({ settings: { secondFactor: 'required' } })
    const page = browser()
    const url = await page.press({ returnTo: '/invoices' })
    expect(await page.comeBack(await visitProvider(url, 'ada'))).toBe(
      `${app}/login/second-factor?returnTo=%2Finvoices`,
    )
    expect(page.names()).toEqual(['pendingSignIn'])
    expect(server.rows('session')).toEqual([])
  })

  it('links a provider to the account of the user, who must have authenticated recently', async () => {
    const { browser, server } = await world()
    await server.addUser('bob@example.com')
    const page = browser()
    const link = { purpose: 'link', returnTo: '/profile' }
    expect(await page.press(link)).toBe(`${app}/login?returnTo=%2Fprofile&error=token_missing`)
    const bob = server.browser()
    await bob.post('/api/auth/login', { email: 'bob@example.com', password })
    for (const [name, value] of bob.jar) page.jar.set(name, { value, sameSite: 'Strict' })
    const before = page.jar.get('accessToken')
    expect(await page.comeBack(await visitProvider(await page.press(link), 'ada'))).toBe(`${app}/profile`)
    expect(page.jar.get('accessToken')).toEqual(before)
    expect(server.rows('identity')).toMatchObject([{ subject: 'ada' }])
    // The identity has an account now, so another account cannot get it.
    await server.addUser('carol@example.com')
    const carol = server.browser()
    await carol.post('/api/auth/login', { email: 'carol@example.com', password })
    const other = browser()
    for (const [name, value] of carol.jar) other.jar.set(name, { value, sameSite: 'Strict' })
    expect(await other.comeBack(await visitProvider(await other.press(link), 'ada'))).toBe(
      `${app}/profile?error=identity_taken`,
    )
    server.clock.advance(601)
    expect(await page.press(link)).toMatch(`${app}/confirm?returnTo=%2Fprofile`)
  })

  it('links nothing to the account of a user whose browser has a planted cookie [O09]', async () => {
    const { browser, server } = await world()
    const signedIn = async (email: string) => {
      await server.addUser(email)
      const page = browser()
      const own = server.browser()
      await own.post('/api/auth/login', { email, password })
      for (const [name, value] of own.jar) page.jar.set(name, { value, sameSite: 'Strict' })
      return page
    }
    const [attacker, victim] = [await signedIn('eve@example.com'), await signedIn('bob@example.com')]
    const callback = await visitProvider(
      await attacker.press({ purpose: 'link', returnTo: '/profile' }),
      'ada',
    )
    const planted = attacker.jar.get('providerState') ?? { value: '', sameSite: '' }
    victim.jar.set('providerState', planted)
    expect(await victim.comeBack(callback)).toBe(`${app}/profile?error=sign_in_expired`)
    // Also if the cookie says that this is a sign-in.
    victim.jar.set('providerState', { ...planted, value: planted.value.replace('.l.', '.s.') })
    expect(await victim.comeBack(callback)).toContain(`${app}/login?returnTo=%2Fprofile&error=token_missing`)
    expect(server.rows('identity')).toEqual([])
    expect(await attacker.comeBack(callback)).toBe(`${app}/profile`)
  })

  it.each([
    ['/invoices?q=', 2048, true],
    ['/invoices?q=', 2049, false],
  ])('a returnTo such as %s with %i characters is kept: %s', async (path, length, isKept) => {
    const { browser } = await world()
    const page = browser()
    const returnTo = path + 'a'.repeat(length - path.length)
    const location = await page.comeBack(await visitProvider(await page.press({ returnTo }), 'ada'))
    expect(location).toBe(app + (isKept ? returnTo : '/dashboard'))
  })

  it('a returnTo that becomes too long for a cookie is left out, and the user is signed in', async () => {
    const { browser } = await world()
    const page = browser()
    const url = await page.press({ returnTo: `/invoices?q=${'ä'.repeat(1000)}` })
    expect(await page.comeBack(await visitProvider(url, 'ada'))).toBe(`${app}/dashboard`)
    expect(page.names()).toEqual(['accessToken', 'refreshToken'])
  })

  it('a user confirms at the provider who they are, and gets a token that says so', async () => {
    const clock = frozenClock(Date.now() - 660_000)
    const { browser } = await world({ clock })
    const page = browser()
    await page.comeBack(await visitProvider(await page.press(), 'ada'))
    clock.now = Date.now()
    const confirm = { purpose: 'confirm', returnTo: '/reports' }
    const wrong = await page.comeBack(await visitProvider(await page.press(confirm), 'eve'))
    expect(wrong).toBe(`${app}/confirm?returnTo=%2Freports&error=identity_mismatch`)
    const cancelled = await page.comeBack(await visitProvider(await page.press(confirm), null))
    expect(cancelled).toBe(`${app}/confirm?returnTo=%2Freports&error=provider_refused`)
    const url = await page.press(confirm)
    expect(new URL(url).searchParams.get('prompt')).toBe('login')
    expect(await page.comeBack(await visitProvider(url, 'ada'))).toBe(`${app}/reports`)
    expect(page.names()).toEqual(['accessToken', 'refreshToken'])
    expect(claimsOf(page.jar.get('accessToken')?.value ?? '')).toMatchObject({
      auth_time: Math.floor(clock() / 1000),
      amr: ['fed'],
    })
    page.jar.clear()
    expect(await page.press(confirm)).toBe(`${app}/login?returnTo=%2Freports&error=token_missing`)
  })

  it('uses the configured pages', async () => {
    const options = { loginPath: '/welcome', secondFactorPath: '/welcome/code' }
    const { browser } = await world({ options, settings: { secondFactor: 'required' } })
    const page = browser()
    expect(await page.comeBack({ state: 'x' })).toBe(`${app}/welcome?error=sign_in_expired`)
    const url = await page.press()
    expect(await page.comeBack(await visitProvider(url, 'ada'))).toBe(`${app}/welcome/code`)
  })
})
