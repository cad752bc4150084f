import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { createBell } from './bell.ts'
import { cookieOf, launchBrowser } from './browser.ts'
import type { Crossing, Fate } from './crossings.ts'
import { type Edge, startEdge } from './edge.ts'
import { demoPerson, signIn } from './people.ts'
import { type System, startSystem } from './system.ts'
import { startUnreliableFront, type UnreliableFront } from './unreliable-front.ts'

/** The refresh state of a session in the auth server's database. */
export type SessionRow = {
  generation: number
  parentBranch: number
  branches: number
  endedAt: number | null
  endReason: string | null
}

/** One signed-in browser profile. Its tabs share the cookies. */
export type Device = { context: BrowserContext; page: Page; sessionId: string }

/**
 * The example as in production, on a bad network: an HTTPS edge in front of two Next processes, and between each of these and the auth
 * server a hop that holds, loses and reorders requests.
 */
export type TwoWebs = {
  system: System
  browser: Browser
  edge: Edge
  hops: [UnreliableFront, UnreliableFront]
  /** Resolves as soon as the condition is true. The condition is checked at each change of a request or response. */
  until(condition: () => boolean): Promise<void>
  /** Sets what happens to refreshes on their way to the auth server. Other requests are not affected. */
  refreshFate(fate: Fate | ((web: 0 | 1) => Fate)): void
  /** Ends all faults: held responses are released, and the Next processes take turns. */
  heal(): void
  /** Returns the refreshes since the last {@link expire}: those of the first Next process, then those of the second. */
  refreshes(): Crossing[]
  /** Returns a new, signed-in browser profile with this page open. */
  signedIn(path?: string, role?: 'owner' | 'member'): Promise<Device>
  /**
   * Waits until nothing is pending. If a renewal fails, the requests that wait for it fail too. So a test calls this first, and then ends
   * the faults.
   */
  settled(): Promise<void>
  /** Waits until nothing is pending, forgets the previous requests, and then drops the access token. */
  expire(...devices: Device[]): Promise<void>
  /** Deletes the cookie of the access token, as the browser does when the token expires. */
  dropAccessToken(device: Device): Promise<void>
  row(device: Device): SessionRow
  /** Moves the last rotation into the past, beyond the grace period, so that no test waits. */
  passGrace(device: Device): void
  /** Returns the responses that redirected to the sign-in page or cleared a session cookie. */
  signOuts(): string[]
  stop(): Promise<void>
}

export async function startTwoWebs(authEnv: Record<string, string> = {}): Promise<TwoWebs> {
  const bell = createBell()
  const edge = await startEdge('app.sallyport.test', bell)
  const started = Promise.withResolvers<UnreliableFront>()
  const browser = await launchBrowser()
  const system = await startSystem({
    env: { auth: authEnv },
    authAddressForWeb: async (url) => {
      started.resolve(await startUnreliableFront(url, bell))
      return (await started.promise).url
    },
    appUrl: () => edge.origin,
  })
  const first = await started.promise
  const second = await startUnreliableFront(system.authUrl, bell)
  edge.targets.push(system.webUrl, await system.startAnotherWeb({ SALLYPORT_URL: second.url }))
  const hops: TwoWebs['hops'] = [first, second]
  const database = new Database(join(system.dataDir, 'sallyport.db'), { timeout: 5_000 })
  const dropAccessToken = ({ context }: Device) => context.clearCookies({ name: '__Host-accessToken' })

  async function until(condition: () => boolean): Promise<void> {
    const tooLong = setTimeout(() => {
      const underWay = [edge, ...hops].flatMap(({ all }) => all.filter(({ state }) => state !== 'over'))
      const lines = underWay.map(({ method, path, state }) => `${state}: ${method} ${path}`)
      console.error(`Still waiting for ${condition}. Under way:\n${lines.join('\n')}`)
    }, 15_000)
    await bell.until(condition)
    clearTimeout(tooLong)
  }
  const settled = () => until(() => edge.all.every(({ state }) => state === 'over'))

  return {
    system,
    browser,
    edge,
    hops,
    until,
    refreshFate(fate) {
      for (const web of [0, 1] as const)
        hops[web].fate = (crossing) =>
          !isRefresh(crossing) ? 'deliver' : typeof fate === 'string' ? fate : fate(web)
    },
    heal() {
      edge.pick = (_, before) => before
      for (const crossings of [edge, ...hops]) {
        crossings.fate = () => 'deliver'
        for (const crossing of crossings.all) crossing.deliver()
      }
    },
    refreshes: () => hops.flatMap(({ all }) => all.filter(isRefresh)),
    async signedIn(path = '/dashboard', role = 'owner') {
      const context = await browser.newContext({ ignoreHTTPSErrors: true })
      await signIn(context, system, demoPerson(role))
      const page = await context.newPage()
      await page.goto(edge.origin + path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      const claims = (await cookieOf(context, 'accessToken'))?.value.split('.')[1] ?? ''
      const { sid } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sid: string }
      return { context, page, sessionId: sid }
    },
    settled,
    async expire(...devices) {
      await settled()
      for (const { all } of [edge, ...hops]) all.length = 0
      await Promise.all(devices.map(dropAccessToken))
    },
    dropAccessToken,
    row({ sessionId }) {
      const row = database
        .prepare('select generation, parentBranch, branches, endedAt, endReason from session where id = ?')
        .get(sessionId)
      if (row === undefined) throw new Error('no such session')
      return row as SessionRow
    },
    passGrace({ sessionId }) {
      database.prepare('update session set openedAt = openedAt - 60000 where id = ?').run(sessionId)
    },
    signOuts: () => edge.all.filter(signsOut).map(({ method, path }) => `${method} ${path}`),
    async stop() {
      database.close()
      await browser.close()
      await system.stop()
      await Promise.all([edge.close(), first.close(), second.close()])
    },
  }
}

const isRefresh = ({ path }: Crossing) => path === '/api/auth/refresh'

function signsOut({ answer }: Crossing): boolean {
  const headers = answer?.headers ?? {}
  const to = `${headers.location ?? ''} ${headers['x-action-redirect'] ?? ''}`
  const cleared = (headers['set-cookie'] ?? []).some((cookie) =>
    /^__Host-(?:access|refresh)Token=;/.test(cookie),
  )
  return to.includes('/login') || cleared
}
