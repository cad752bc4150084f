import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { type Customizations, createSallyport, type SallyportOptions } from './index.ts'
import {
  bearer,
  claimsOf,
  frozenClock,
  password,
  recordingLog,
  requireTokens,
  startSallyport,
  type TestServer,
  testOptions,
  verifierSecret,
} from './testing/sallyport.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const email = 'ada@example.com'
const dayS = 86_400

/** One database, on which servers are started one after the other, with one clock. */
async function installation(options: SallyportOptions = {}, customizations: Customizations = {}) {
  const clock = frozenClock()
  const dataDir = temporaryFolder()
  const start = (others: SallyportOptions, more: Customizations) =>
    startSallyport({ dataDir, ...others }, clock, more)
  let server = await start(options, customizations)
  const { id } = await server.addUser(email)
  return {
    dataDir,
    clock,
    userId: id,
    first: server,
    async restart(others: SallyportOptions = {}, more: Customizations = {}): Promise<TestServer> {
      await server.sallyport.close()
      server = await start(others, more)
      return server
    },
  }
}

const renew = async (server: TestServer, { refreshToken }: { refreshToken: string }) =>
  requireTokens(await server.refresh(refreshToken))
const isOut = async (server: TestServer, { refreshToken }: { refreshToken: string }) => {
  const answer = await server.refresh(refreshToken)
  return answer.status === 401 && ((await answer.json()) as { code: string }).code === 'session_ended'
}
const sessionOf = async (server: TestServer, accessToken: string) =>
  (await (await server.session(accessToken)).json()) as {
    user: { roles: string[]; fields: object; emailVerified: boolean }
    session: { expiresAt: number }
  }

type Row = [setting: string, what: string, run: () => Promise<void>]

const rows: Row[] = [
  [
    'SALLYPORT_ACCESS_TOKEN_TTL_SECONDS',
    'issued tokens keep their expiry, new ones have the new lifetime',
    async () => {
      const { first, restart, clock } = await installation({ accessTokenTtlSeconds: 600 })
      let tokens = await first.signIn()
      for (const [before, after] of [
        [600, 60],
        [60, 3_600],
      ] as const) {
        const server = await restart({ accessTokenTtlSeconds: after })
        clock.advance(before - 1)
        expect((await server.session(tokens.accessToken)).status).toBe(200)
        clock.advance(1)
        expect((await server.session(tokens.accessToken)).status).toBe(401)
        tokens = await renew(server, tokens)
        expect(tokens.expiresIn).toBe(after)
      }
    },
  ],
  [
    'SALLYPORT_SESSION_IDLE_SECONDS',
    'a shorter one ends open sessions at once; a longer one counts from the next use and revives no ended session',
    async () => {
      const { first, restart, clock } = await installation({ sessionIdleSeconds: 7_200 })
      const [one, other] = [await first.signIn(), await first.signIn()]
      clock.advance(3_600)
      const shorter = await restart({ sessionIdleSeconds: 3_600 })
      expect(await isOut(shorter, one)).toBe(true)
      expect((await shorter.session(one.accessToken)).status).toBe(401)
      const longer = await restart({ sessionIdleSeconds: 7_200 })
      const again = await renew(longer, other)
      clock.advance(7_199)
      const kept = await renew(longer, again)
      clock.advance(7_200)
      const longest = await restart({ sessionIdleSeconds: 14_400 })
      expect(await isOut(longest, kept)).toBe(true)
      expect(await longest.sallyport.operator.sessions.list(String(claimsOf(kept.accessToken).sub))).toEqual(
        [],
      )
      const fresh = await longest.signIn()
      clock.advance(14_399)
      await renew(longest, fresh)
    },
  ],
  [
    'SALLYPORT_SESSION_ABSOLUTE_SECONDS',
    'a shorter one ends open sessions at once; a longer one counts for new sessions',
    async () => {
      const [short, long] = [
        { sessionIdleSeconds: 600, sessionAbsoluteSeconds: 600 },
        { sessionIdleSeconds: 600, sessionAbsoluteSeconds: 1_200 },
      ]
      const { first, restart, clock } = await installation(long)
      const one = await first.signIn()
      clock.advance(599)
      const shorter = await restart(short)
      const last = await renew(shorter, one)
      expect([last.expiresIn, (await sessionOf(shorter, last.accessToken)).session.expiresAt]).toEqual([
        1,
        clock() + 1_000,
      ])
      clock.advance(1)
      expect(await isOut(shorter, last)).toBe(true)
      const other = await shorter.signIn()
      const longer = await restart(long)
      clock.advance(599)
      const renewed = await renew(longer, other)
      clock.advance(1)
      expect(await isOut(longer, renewed)).toBe(true)
    },
  ],
  [
    'SALLYPORT_REFRESH_GRACE_SECONDS',
    'under the old and the new value, a lost response is repeated, and a reused token ends its session',
    async () => {
      for (const [before, after] of [
        [60, 0],
        [0, 60],
      ] as const) {
        const { first, restart, clock } = await installation({ refreshGraceSeconds: before })
        const one = await first.signIn()
        const lost = await renew(first, one)
        clock.advance(30)
        const server = await restart({ refreshGraceSeconds: after })
        const again = await renew(server, one)
        expect(again.refreshToken === lost.refreshToken).toBe(after === 60)
        clock.advance(61)
        await renew(server, await renew(server, again))
        expect(await isOut(server, one)).toBe(true)
        expect(await isOut(server, again)).toBe(true)
      }
    },
  ],
  [
    'SALLYPORT_ISSUER',
    'tokens with the old issuer are refused at once; bearer clients continue with their next refresh',
    async () => {
      const { first, restart } = await installation()
      const one = await first.signIn()
      const moved = await restart({ issuer: 'http://127.0.0.1:4000' })
      expect((await moved.session(one.accessToken)).status).toBe(401)
      const next = await renew(moved, one)
      expect(claimsOf(next.accessToken).iss).toBe('http://127.0.0.1:4000')
      expect((await moved.session(next.accessToken)).status).toBe(200)
      const back = await restart()
      expect((await back.session(next.accessToken)).status).toBe(401)
      await renew(back, next)
      // Cookies of https have other names, so a browser must sign in again, and can.
      const browser = back.browser()
      await browser.signIn()
      const secure = await restart({
        issuer: 'https://auth.example.com',
        origins: 'https://auth.example.com',
      })
      const later = secure.browser()
      for (const [name, value] of browser.jar) later.jar.set(name, value)
      expect((await later.get(paths.readSession)).status).toBe(401)
      expect((await later.signIn()).status).toBe(200)
      expect((await later.get(paths.readSession)).status).toBe(200)
    },
  ],
  [
    'SALLYPORT_AUDIENCE',
    'tokens for the old audiences are refused at once; sessions continue with their next refresh',
    async () => {
      const { first, restart } = await installation()
      const one = await first.signIn()
      const renamed = await restart({ audience: 'orders-api' })
      expect((await renamed.session(one.accessToken)).status).toBe(401)
      const next = await renew(renamed, one)
      expect(claimsOf(next.accessToken).aud).toEqual(['orders-api'])
      const back = await restart()
      expect((await back.session(next.accessToken)).status).toBe(401)
      await renew(back, next)
    },
  ],
  [
    'SALLYPORT_CLIENT_ID',
    'issued tokens keep the old name and stay valid, new ones have the new name',
    async () => {
      const { first, restart } = await installation()
      let tokens = await first.signIn()
      for (const [before, after] of [
        ['first-party', 'billing-web'],
        ['billing-web', 'first-party'],
      ] as const) {
        const server = await restart({ clientId: after })
        expect(claimsOf(tokens.accessToken).client_id).toBe(before)
        expect((await server.session(tokens.accessToken)).status).toBe(200)
        tokens = await renew(server, tokens)
        expect(claimsOf(tokens.accessToken).client_id).toBe(after)
      }
    },
  ],
  [
    'SALLYPORT_SECRET',
    'another secret is refused at the start and writes nothing, also when a new key is due',
    async () => {
      const { first, restart, clock, dataDir } = await installation()
      const one = await first.signIn()
      clock.advance(31 * dayS)
      await first.sallyport.close()
      const wrong = { ...testOptions, dataDir, secret: 'server-Qm4ZtXw9Lk2VbRy7NsHd5JcPg' }
      await expect(createSallyport(wrong, { clock, ...recordingLog() })).rejects.toThrow(
        /SALLYPORT_SECRET lacks a secret/,
      )
      const server = await restart()
      expect(await isOut(server, one)).toBe(true)
      // The reserve key takes over, under whichever secret it was made.
      for (let day = 0; day < 60; day += 5) {
        clock.advance(5 * dayS)
        await server.sallyport.upkeep()
        await server.signIn()
      }
    },
  ],
  [
    'SALLYPORT_COOKIE_DOMAIN',
    'browsers can sign in again and stay signed in, despite cookies of the old setting',
    async () => {
      const https = { issuer: 'https://auth.app.example.com', origins: 'https://auth.app.example.com' }
      const domains = [undefined, 'example.com', 'app.example.com', 'example.com', undefined]
      const { restart } = await installation(https)
      const jar = new Map<string, string>()
      for (const cookieDomain of domains) {
        const server = await restart({ ...https, ...(cookieDomain !== undefined && { cookieDomain }) })
        const send = async (method: string, path: string, body?: object) => {
          const answer = await server.fetch(path, {
            method,
            headers: {
              'content-type': 'application/json',
              origin: https.origins,
              'sec-fetch-site': 'same-origin',
              ...(jar.size > 0 && { cookie: cookiesOf(jar) }),
            },
            ...(body && { body: JSON.stringify(body) }),
          })
          for (const line of answer.headers.getSetCookie()) keep(jar, line)
          return answer.status
        }
        // The first response may only clear cookies that exist twice.
        const statuses = [await send('GET', paths.readSession)]
        for (let tries = 0; tries < 2; tries += 1)
          if (statuses.at(-1) !== 200) statuses.push(await send('POST', paths.signIn, { email, password }))
        expect(statuses.at(-1), `${cookieDomain}: ${statuses}`).toBe(200)
        expect(await send('GET', paths.readSession), String(cookieDomain)).toBe(200)
        expect(await send('POST', paths.refresh), String(cookieDomain)).toBe(200)
      }
    },
  ],
  [
    'SALLYPORT_ROLES',
    'a removed role gives no permissions from the next token on, and gives them again when it is restored',
    async () => {
      const both = { rolePermissions: { member: ['invoice:read'], finance: ['report:read'] } }
      const { first, restart, userId } = await installation(both)
      await first.sallyport.operator.users.setRoles(userId, ['member', 'finance'])
      let tokens = await first.signIn()
      expect(claimsOf(tokens.accessToken).permissions).toEqual(['invoice:read', 'report:read'])
      const removed = await restart({ rolePermissions: { member: ['invoice:read'] } })
      tokens = await renew(removed, tokens)
      expect(claimsOf(tokens.accessToken).permissions).toEqual(['invoice:read'])
      expect((await sessionOf(removed, tokens.accessToken)).user.roles).toEqual(['member', 'finance'])
      await expect(removed.sallyport.operator.users.setRoles(userId, ['finance'])).rejects.toMatchObject({
        code: 'invalid_request',
      })
      tokens = await renew(await restart(both), tokens)
      expect(claimsOf(tokens.accessToken).permissions).toEqual(['invoice:read', 'report:read'])
    },
  ],
  [
    'SALLYPORT_DEFAULT_ROLES',
    'counts for new users and changes no existing one',
    async () => {
      const { first, restart } = await installation()
      const one = await first.signIn()
      const server = await restart({ defaultRoles: 'guest', rolePermissions: { guest: [] } })
      expect((await sessionOf(server, (await renew(server, one)).accessToken)).user.roles).toEqual(['member'])
      const account = { email: 'bob@example.com', password, name: 'Bob', transport: 'bearer' }
      const bob = await requireTokens(await server.post(paths.signUp, account))
      expect(claimsOf(bob.accessToken).roles).toEqual(['guest'])
    },
  ],
  [
    'SALLYPORT_HASH_MEMORY_KIBIBYTES, SALLYPORT_HASH_ITERATIONS',
    'every password keeps working; a weaker hash is replaced at the next sign-in, a stronger one stays',
    async () => {
      const { first, restart } = await installation({ hashMemoryKibibytes: 8_192, hashIterations: 1 })
      const cost = (server: TestServer) =>
        server.rows<{ secret: string }>('credential')[0]?.secret.match(/m=\d+,t=\d+/)?.[0]
      expect(cost(first)).toBe('m=8192,t=1')
      const stronger = await restart({ hashMemoryKibibytes: 9_216, hashIterations: 2 })
      await stronger.signIn()
      expect(cost(stronger)).toBe('m=9216,t=2')
      const weaker = await restart({ hashMemoryKibibytes: 8_192, hashIterations: 1 })
      await weaker.signIn()
      expect(cost(weaker)).toBe('m=9216,t=2')
    },
  ],
  [
    'SALLYPORT_LEGACY_SHA2',
    'off, nobody can sign in with such a hash; users who did so before have another hash already',
    async () => {
      const { first, restart } = await installation({ legacySha2: '1' })
      const people = ['bob@example.com', 'eve@example.com']
      const passwordHash = `sha256$c2FsdA==$${createHash('sha256').update(`salt${password}`).digest('hex')}`
      await first.sallyport.operator.users.import(people.map((one) => ({ email: one, passwordHash })))
      await first.signIn(people[0])
      const statuses = (server: TestServer) =>
        Promise.all(
          people.map(async (one) => {
            const attempt = { email: one, password, transport: 'bearer' }
            return (await server.post(paths.signIn, attempt)).status
          }),
        )
      expect(await statuses(await restart())).toEqual([200, 401])
      expect(await statuses(await restart({ legacySha2: '1' }))).toEqual([200, 200])
    },
  ],
  [
    'SALLYPORT_MINIMUM_PASSWORD_LENGTH',
    'counts for new passwords; users with a shorter one can still sign in',
    async () => {
      const { restart } = await installation({ minimumPasswordLength: 15 })
      const longer = await restart({ minimumPasswordLength: 60 })
      const { accessToken } = await longer.signIn()
      const change = { currentPassword: password, newPassword: 'quite another way to enter' }
      const ask = (server: TestServer, token: string) =>
        server.post(paths.changePassword, change, bearer(token))
      expect((await ask(longer, accessToken)).status).toBe(400)
      const shorter = await restart({ minimumPasswordLength: 15 })
      expect((await ask(shorter, accessToken)).status).toBeLessThan(300)
    },
  ],
  [
    '`userFields`',
    'a removed field, or one with another type, stays stored and is not returned until it is declared again',
    async () => {
      const text = { userFields: { company: { type: 'text' } } } as const
      const { first, restart, userId } = await installation({}, text)
      await first.sallyport.operator.users.setFields(userId, { company: 'Ledgerline' })
      let tokens = await first.signIn()
      const shown = async (server: TestServer) => {
        tokens = await renew(server, tokens)
        return (await sessionOf(server, tokens.accessToken)).user.fields
      }
      const other = { userFields: { plan: { type: 'text' } } } as const
      expect(await shown(await restart({}, other))).toEqual({})
      expect(await shown(await restart({}, { userFields: { company: { type: 'number' } } }))).toEqual({})
      expect(await shown(await restart({}, text))).toEqual({ company: 'Ledgerline' })
    },
  ],
  [
    'SALLYPORT_THROTTLE_SCALE',
    'earlier tries stay counted and are compared with the new limits',
    async () => {
      const { first, restart } = await installation()
      const forgot = async (server: TestServer) => (await server.post(paths.forgotPassword, { email })).status
      const refusedAfter = async (server: TestServer) => {
        for (let tries = 0; tries < 200; tries += 1) if ((await forgot(server)) === 429) return tries
        throw new Error('never refused')
      }
      const tries = await refusedAfter(first)
      const wider = await restart({ throttleScale: 2 })
      expect(await refusedAfter(wider)).toBe(tries)
      expect(await forgot(await restart())).toBe(429)
    },
  ],
  [
    'SALLYPORT_EMAIL_VERIFICATION',
    'accounts and sessions stay; for users with an unverified address, `sign-in` refuses sign-ins and `permissions` withholds permissions',
    async () => {
      const read = { rolePermissions: { member: ['invoice:read', 'report:read'] } }
      const { restart } = await installation()
      const off = await restart(read)
      const account = { email: 'bob@example.com', password, name: 'Bob', transport: 'bearer' }
      let tokens = await requireTokens(await off.post(paths.signUp, account))
      const mail = { ...read, developmentInbox: true }
      const signIn = await restart({ ...mail, emailVerification: 'sign-in' })
      tokens = await renew(signIn, tokens)
      const refused = await signIn.post(paths.signIn, { ...account, name: undefined })
      expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'address_unverified' }])
      expect((await sessionOf(signIn, tokens.accessToken)).user.emailVerified).toBe(false)
      const permissions = await restart({
        ...mail,
        emailVerification: 'permissions',
        verifiedPermissions: 'report:read',
      })
      tokens = await renew(permissions, tokens)
      expect(claimsOf(tokens.accessToken).permissions).toEqual(['invoice:read'])
      tokens = await renew(await restart(read), tokens)
      expect(claimsOf(tokens.accessToken).permissions).toEqual(['invoice:read', 'report:read'])
    },
  ],
  [
    'SALLYPORT_MAILED_SIGN_IN',
    'sessions stay; with `off`, pending codes and links are refused',
    async () => {
      const { restart } = await installation()
      const on = await restart({ developmentInbox: true, mailedSignIn: 'on' })
      const mailed = async (server: TestServer) => {
        const answer = await server.post(paths.requestSignInMail, { email, transport: 'bearer' })
        const { mailedSignIn } = (await answer.json()) as { mailedSignIn: string }
        const { mails } = (await (await server.get(paths.inbox)).json()) as { mails: { text: string }[] }
        const [mail] = mails
        const code = /^\d{6}$/m.exec(mail?.text ?? '')?.[0]
        return {
          body: { code, mailedSignIn, transport: 'bearer' },
          token: mail?.text.match(/#token=(\S+)/)?.[1],
        }
      }
      const { body } = await mailed(on)
      const tokens = await requireTokens(await on.post(paths.signInWithMailedCode, body))
      on.clock.advance(1)
      const pending = await mailed(on)
      const off = await restart({ developmentInbox: true })
      expect((await off.post(paths.signInWithMailedCode, pending.body)).status).toBe(404)
      expect((await off.post(paths.confirmMailedSignIn, { token: pending.token })).status).toBe(404)
      await renew(off, tokens)
      const again = await restart({ developmentInbox: true, mailedSignIn: 'on' })
      await requireTokens(await again.post(paths.signInWithMailedCode, pending.body))
    },
  ],
  [
    'SALLYPORT_ORIGINS',
    'pages of a removed origin are refused at once; the session stays',
    async () => {
      const { first, restart } = await installation()
      const browser = first.browser()
      await browser.signIn()
      const other = await restart({ origins: 'http://localhost:3001' })
      const from = async (origin: string) => {
        const page = other.browser()
        for (const [name, value] of browser.jar) page.jar.set(name, value)
        return (await page.send('POST', paths.refresh, {}, { origin })).status
      }
      expect(await from('http://localhost:3000')).toBe(403)
      expect(await from('http://localhost:3001')).toBe(200)
    },
  ],
  [
    'SALLYPORT_VERIFIER_SECRET',
    'a removed secret is refused from the start on',
    async () => {
      const { first, restart } = await installation()
      const { accessToken } = await first.signIn()
      const server = await restart({ verifierSecrets: 'verifier-Wk3nVt8QzLr5HbXc7MdYsPfJ' })
      const ask = async (credential: string) =>
        (await server.post(paths.introspect, { token: accessToken }, bearer(credential))).status
      expect(await ask(verifierSecret)).toBe(401)
      expect(await ask('verifier-Wk3nVt8QzLr5HbXc7MdYsPfJ')).toBe(200)
    },
  ],
  [
    'SALLYPORT_AUDIT_RETENTION_DAYS',
    'a shorter one deletes older events within a minute; a longer one brings none back',
    async () => {
      const { first, restart, clock } = await installation({ auditRetentionDays: 30 })
      await first.signIn()
      clock.advance(10 * dayS)
      const shorter = await restart({ auditRetentionDays: 5 })
      expect(shorter.rows('audit_event').length).toBeGreaterThan(0)
      await shorter.sallyport.upkeep()
      expect(shorter.rows('audit_event')).toEqual([])
      const longer = await restart({ auditRetentionDays: 30 })
      await longer.sallyport.upkeep()
      expect(longer.rows('audit_event')).toEqual([])
    },
  ],
]

describe('a setting that changes under live sessions', () => {
  test.each(rows)('%s: %s', (_setting, _what, run) => run())

  test('docs/operations.md has a row for each of them', () => {
    const page = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8')
    const section = page.split('## Changing a setting while users are signed in')[1]?.split('\n## ')[0] ?? ''
    const documented = [...section.matchAll(/^\| (`.+?) \|/gm)].map(([, setting = '']) => setting)
    const tested = rows.map(([setting]) => setting.replaceAll(/SALLYPORT_\w+/g, (name) => `\`${name}\``))
    expect(documented).toEqual(tested)
  })
})

/** Stores a cookie as a browser does: one for each name, domain and path (RFC 6265 section 5.3). */
function keep(jar: Map<string, string>, line: string): void {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
  const attribute = (key: string) => new RegExp(`; ${key}=([^;]*)`, 'i').exec(line)?.[1]
  const place = `${name};${attribute('Domain') ?? ''};${attribute('Path')};${line.includes('Partitioned')}`
  if (attribute('Max-Age') === '0') jar.delete(place)
  else jar.set(place, value)
}

function cookiesOf(jar: Map<string, string>): string {
  return [...jar].map(([place, value]) => `${place.split(';')[0]}=${value}`).join('; ')
}
