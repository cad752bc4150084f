import { headers } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import { createVerifier } from '@sallyport/verify'
import { describe, expect, test } from 'vitest'
import { passwordDelays, throttlePolicy } from './services/throttle-policy.ts'
import {
  bearer,
  claimsOf,
  frontendSecret,
  frozenClock,
  password,
  requireTokens,
  startSallyport,
} from './testing/sallyport.ts'
import { freshStore, storeKinds } from './testing/stores.ts'

const hour = 3_600
const email = 'ada@example.com'
const { seconds } = throttlePolicy.sign_in.network
/** The limit of that window, at a scale of 0.1. */
const tries = throttlePolicy.sign_in.network.tries / 10

/** The clock is an hour ahead for a while and is then put back. See docs/clocks.md, "The auth server's clock". */
describe.each(storeKinds)('after a clock that was an hour ahead has been put back, on %s', (kind) => {
  async function started(options: Parameters<typeof startSallyport>[0] = {}) {
    const store = await freshStore(kind)
    const clock = frozenClock()
    const server = await startSallyport({ ...store.options, ...options }, clock)
    await server.addUser()
    const ask = (path: string, body: object) =>
      server.post(path, body, {
        [headers.frontendCredential]: frontendSecret,
        [headers.clientAddress]: '192.0.2.7',
        [headers.clientUserAgent]: 'Mozilla/5.0',
      })
    const guess = (address = email) =>
      ask(paths.signIn, { email: address, password: 'not the one', transport: 'bearer' })
    return { server, store, clock, ask, guess }
  }

  test('refreshes a session of that hour at once, and the new token is issued now', async () => {
    const { server, clock } = await started()
    clock.advance(hour)
    const { accessToken, refreshToken } = await server.signIn()
    clock.advance(-hour)
    // Its `iat` is in the future, so every verifier refuses it.
    expect((await server.session(accessToken)).status).toBe(401)
    const renewed = await requireTokens(await server.refresh(refreshToken))
    expect((await server.session(renewed.accessToken)).status).toBe(200)
    expect(claimsOf(renewed.accessToken).iat).toBe(clock.now / 1000)
  })

  test('refreshes an earlier session that was refreshed in that hour; nobody is signed out', async () => {
    const { server, clock } = await started()
    const first = await server.signIn()
    clock.advance(hour)
    const second = await requireTokens(await server.refresh(first.refreshToken))
    clock.advance(-hour)
    const third = await requireTokens(await server.refresh(second.refreshToken))
    expect((await server.session(third.accessToken)).status).toBe(200)
    // After a lost response, the previous token can be exchanged once more.
    const again = await requireTokens(await server.refresh(second.refreshToken))
    expect((await server.session(again.accessToken)).status).toBe(200)
  })

  test('does not extend the grace of a used token by that hour: a stolen copy gets a sibling and is detected', async () => {
    const { server, clock } = await started()
    const { refreshToken: stolen } = await server.signIn()
    clock.advance(hour)
    const own = await requireTokens(await server.refresh(stolen))
    clock.advance(-hour)
    const copy = await requireTokens(await server.refresh(stolen))
    // Within the grace it would be the same token as the owner's, and the theft could not be detected.
    expect(copy.refreshToken).not.toBe(own.refreshToken)
    await requireTokens(await server.refresh(own.refreshToken))
    expect((await server.refresh(copy.refreshToken)).status).toBe(401)
    expect((await server.refresh(own.refreshToken)).status).toBe(401)
  })

  test('users can sign in, with a session in the future or with none', async () => {
    const { server, clock } = await started()
    await server.addUser('bob@example.com')
    clock.advance(hour)
    await server.signIn()
    clock.advance(-hour)
    for (const address of [email, 'bob@example.com']) {
      const { accessToken } = await server.signIn(address)
      expect((await server.session(accessToken)).status).toBe(200)
    }
  })

  test('ends a wait after wrong passwords, and keeps its count for the next one', async () => {
    const { server, clock, guess } = await started()
    clock.advance(hour)
    for (let tries = 0; tries < passwordDelays.free; tries += 1) expect((await guess()).status).toBe(401)
    clock.advance(-hour)
    // If the wait of that hour still counted, the account would be locked for an hour.
    expect((await guess()).status).toBe(401)
    const refused = await guess()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([
      429,
      String(2 * passwordDelays.firstWait),
    ])
    clock.advance(2 * passwordDelays.firstWait)
    await server.signIn()
  })

  test('ends a full window of that hour, and the next one has its usual length', async () => {
    const { clock, guess } = await started({ throttleScale: 0.1 })
    const fill = async () => {
      for (let count = 0; count < tries; count += 1)
        expect((await guess(`nobody-${count}@example.com`)).status).toBe(401)
      expect((await guess('nobody@example.com')).status).toBe(429)
    }
    clock.advance(hour)
    await fill()
    clock.advance(-hour)
    await fill()
    clock.advance(seconds)
    await fill()
  })

  test('keeps a window that another process began with a clock some seconds ahead', async () => {
    const { clock, guess } = await started({ throttleScale: 0.1 })
    clock.advance(5)
    for (let count = 0; count < tries; count += 1) await guess(`nobody-${count}@example.com`)
    clock.advance(-5)
    expect((await guess('nobody@example.com')).status).toBe(429)
  })

  test('asks for the password again where a fresh proof is required, and accepts it', async () => {
    const { server, clock } = await started()
    clock.advance(hour)
    const { refreshToken } = await server.signIn()
    clock.advance(-hour)
    const { accessToken, refreshToken: next } = await requireTokens(await server.refresh(refreshToken))
    const download = () => server.get(paths.downloadData, bearer(accessToken))
    expect(await (await download()).json()).toMatchObject({ code: 'insufficient_user_authentication' })
    // APIs and `account.isFresh()`, which read the token, come to the same result.
    expect(claimsOf(accessToken).auth_time).toBe(1)
    expect((await server.post(paths.reauthenticate, { password }, bearer(accessToken))).status).toBe(204)
    const data = await download()
    expect([data.status, JSON.parse(await data.text())]).toMatchObject([200, {}])
    const proven = await requireTokens(await server.refresh(next))
    expect(claimsOf(proven.accessToken).auth_time).toBe(clock.now / 1000)
  })

  test('counts a proof from a clock some seconds ahead as fresh, with no auth_time in the future', async () => {
    const { server, clock } = await started()
    clock.advance(5)
    const { refreshToken } = await server.signIn()
    clock.advance(-5)
    const { accessToken } = await requireTokens(await server.refresh(refreshToken))
    expect(claimsOf(accessToken).auth_time).toBe(clock.now / 1000)
  })

  test('accepts a link that was mailed in that hour', async () => {
    const { server, store, clock, ask } = await started()
    clock.advance(hour)
    expect((await ask(paths.forgotPassword, { email })).status).toBe(202)
    clock.advance(-hour)
    const tokens = await store.query<{ expiresAt: string | number }>('select "expiresAt" from one_time_token')
    expect(tokens.length).toBe(1)
    // It expires an hour later, but can still be used only once.
    expect(Number(tokens[0]?.expiresAt)).toBeGreaterThan(clock.now)
    // Another link can be requested.
    expect((await ask(paths.forgotPassword, { email })).status).toBe(202)
    expect(server.logLines.join()).not.toMatch(/"level":50/)
  })

  test('keys that were rotated or revoked in that hour keep signing and verifying', async () => {
    const { server, clock } = await started()
    const { operator } = server.sallyport
    clock.advance(hour)
    await operator.keys.rotate()
    const [signing] = (await operator.keys.list()).filter(({ state }) => state === 'signing')
    await operator.keys.revoke(signing?.kid ?? '')
    await server.signIn()
    clock.advance(-hour)
    const { accessToken } = await server.signIn()
    expect((await server.session(accessToken)).status).toBe(200)
    const verifier = createVerifier({
      issuer: server.sallyport.config.issuer,
      audience: 'billing-api',
      feed: false,
      clock,
      fetch: async (input) => server.fetch(new URL(String(input)).pathname),
    })
    await expect(verifier.verify(accessToken)).resolves.toMatchObject({ roles: ['member'] })
    // A key that was made in the future takes over as early as one that is made now.
    await operator.keys.rotate()
    const next = (await operator.keys.list()).filter(({ activeAt }) => activeAt > clock.now)
    expect(next.length).toBeGreaterThan(0)
    expect(next[0]?.activeAt).toBeLessThanOrEqual(clock.now + 2 * hour * 1000)
  })

  test('tokens revoked before that hour stay revoked', async () => {
    const { server, clock } = await started()
    const { accessToken, refreshToken } = await server.signIn()
    await server.post(paths.signOut, { refreshToken })
    clock.advance(hour)
    await server.sallyport.upkeep()
    await server.signIn()
    clock.advance(-hour)
    expect(await (await server.introspect(accessToken)).json()).toMatchObject({ active: false })
    expect((await server.session(accessToken)).status).toBe(401)
  })
})
