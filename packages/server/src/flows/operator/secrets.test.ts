import { headers as headerNames } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  frontendSecret,
  frozenClock,
  password,
  requireTokens,
  startSallyport,
  type TestServer,
  testOptions,
} from '../../testing/sallyport.ts'
import { freshStore, type StoreKind, storeKinds } from '../../testing/stores.ts'

const old = testOptions.secret
const next = 'server-Qw8LpZ3xVn5RtYk7MbHcJd2GfS'

/** Starts servers on one store, each with its own settings, like separate processes. */
async function installation(kind: StoreKind) {
  const store = await freshStore(kind)
  const clock = frozenClock()
  const start = (secret: string) =>
    startSallyport(
      {
        ...store.options,
        secret,
        developmentInbox: true,
        emailVerification: 'sign-in',
        sessionIdleSeconds: 86_400,
      },
      clock,
    )
  /** Starts them one after the other, because two that migrate a new file in one thread would wait for each other. */
  const startAll = async (secrets: readonly string[]) => {
    const servers: TestServer[] = []
    for (const secret of secrets) servers.push(await start(secret))
    return servers
  }
  return { store, clock, start, startAll }
}

const knownAs = (device: string) => ({
  [headerNames.frontendCredential]: frontendSecret,
  [headerNames.clientAddress]: '203.0.113.9',
  [headerNames.device]: device,
})

async function signInFrom(server: TestServer, device: string, email = 'ada@example.com', secret = password) {
  return server.post(paths.signIn, { email, password: secret, transport: 'bearer' }, knownAs(device))
}

async function linkFor(server: TestServer, to: string): Promise<string> {
  const { mails } = (await (await server.get(paths.inbox)).json()) as {
    mails: { to: string; text: string }[]
  }
  return /#token=([\w-]+)/.exec(mails.find((mail) => mail.to === to)?.text ?? '')?.[1] ?? ''
}

const devicesOfAda = `select hash from known_device join "user" on id = "userId" where email = 'ada@example.com'`
/** Counts of wrong passwords are kept for a year. */
const longThrottles = (now: number) => `select count from throttle where "until" > ${now + 300 * 86_400_000}`

/** The secrets of the processes in each step of a planned replacement. `reseal` runs before the last step. */
const rollout = [
  [old],
  [old, `${old},${next}`],
  [`${old},${next}`, `${next},${old}`],
  [`${next},${old}`, next],
  [next],
]

describe.each(storeKinds)('SALLYPORT_SECRET is replaced on %s', (kind) => {
  test('step by step, with old and new processes at once: sessions, links, mails, devices, counts and keys stay', async () => {
    const { store, clock, startAll } = await installation(kind)
    const device = 'd'.repeat(32)
    let tokens = ['', '', '']
    let kid: unknown
    const waiting: string[] = []
    for (const [step, secrets] of rollout.entries()) {
      const servers = await startAll(secrets)
      const at = (index: number) => servers[index % servers.length] as TestServer
      if (step === 0) {
        await at(0).addUser()
        await at(0).addUser('bob@example.com')
        tokens = await Promise.all(tokens.map(async () => (await at(0).signIn()).refreshToken))
      }
      // Finish the sign-ups of the previous step, on each process.
      for (const email of waiting.splice(0)) {
        const answer = await at(step).post(paths.verifyAddress, {
          token: await linkFor(at(step + 1), email),
          password,
          transport: 'bearer',
        })
        expect([email, answer.status]).toEqual([email, 200])
      }
      for (const index of servers.keys()) {
        const email = `step-${step}-${index}@example.com`
        await at(index).post(paths.signUp, { email, password, name: 'Ada', transport: 'bearer' })
        waiting.push(email)
      }
      // Each session refreshes at one process and repeats it at the other; one loses every response but the last.
      for (const round of [0, 1, 2]) {
        clock.advance(300)
        tokens = await Promise.all(
          tokens.map(async (token, session) => {
            const answer = await requireTokens(await at(session + round).refresh(token))
            const again = await requireTokens(await at(session + round + 1).refresh(token))
            expect((await at(round).session(again.accessToken)).status).toBe(200)
            return session === 2 && round < 2 ? token : answer.refreshToken
          }),
        )
      }
      // A known browser and a wrong password have one row each, for any number of secrets.
      expect((await signInFrom(at(step), device)).status).toBe(200)
      expect((await signInFrom(at(step + 1), device)).status).toBe(200)
      const wrong = await signInFrom(at(step), device, 'bob@example.com', `${password}?`)
      expect(wrong.status).toBe(401)
      expect(await store.query(devicesOfAda)).toHaveLength(4)
      expect(await store.query(longThrottles(clock()))).toEqual([{ count: step + 1 }])
      kid ??= at(0)
        .sallyport.operator.keys.list()
        .find(({ state }) => state === 'signing')?.kid
      for (const server of servers)
        expect(server.sallyport.operator.keys.list().find(({ state }) => state === 'signing')?.kid).toBe(kid)
      if (step === 2) {
        const { sealed, carried } = await (servers[1] as TestServer).sallyport.operator.secret.reseal()
        expect(Object.values(sealed).map(({ earlier, lost }) => earlier + lost)).toEqual(Array(7).fill(0))
        expect(carried).toBe(1)
      }
      await Promise.all(servers.map((server) => server.sallyport.close()))
    }
    expect(await store.query(`select id from session where "endedAt" is not null`)).toEqual([])
    expect(await store.query(`select id from mail where template = 'sessions_ended'`)).toEqual([])
  })

  test('refuses to start if the old secret is removed too early, says how to fix it, and signs nobody out', async () => {
    const { store, start } = await installation(kind)
    const before = await start(old)
    await before.addUser()
    const { refreshToken } = await before.signIn()
    await before.sallyport.close()
    await expect(start(next)).rejects.toThrow(
      /lacks a secret[\s\S]*SALLYPORT_SECRET=new,old[\s\S]*secret reseal/,
    )
    const during = await start(`${next},${old}`)
    const renewed = await requireTokens(await during.refresh(refreshToken))
    await during.sallyport.close()
    // Also when only a session needs the old secret, because the signing keys have been replaced.
    await store.query(`delete from signing_key`)
    for (const secret of [next, old])
      await expect(start(secret)).rejects.toThrow(
        /lacks a secret that this database was used with[\s\S]*reseal/,
      )
    const after = await start(`${old},${next}`)
    await requireTokens(await after.refresh(renewed.refreshToken))
    expect(await store.query(`select id from session where "endedAt" is not null`)).toEqual([])
  })

  test('does not record a wrong secret of a failed start as used', async () => {
    const { start } = await installation(kind)
    await (await start(old)).sallyport.close()
    await expect(start(next)).rejects.toThrow(TypeError)
    await expect(start(old)).resolves.toBeTruthy()
  })

  test('reseal has the same result after an interruption anywhere, and keeps concurrent changes', async () => {
    const { store, start } = await installation(kind)
    const server = await start(`${next},${old}`)
    const first = await start(old).catch((error: unknown) => error)
    expect(first).toBeInstanceOf(TypeError)
    const behind = await start(`${old},${next}`)
    for (const email of ['a@example.com', 'b@example.com', 'c@example.com'])
      await behind.post(paths.signUp, { email, password, name: 'Ada', transport: 'bearer' })
    const interrupt = (after: number) => (rows: number) => {
      if (rows > after) throw new Error('interrupted')
    }
    for (const after of [0, 2, 4])
      await expect(server.sallyport.operator.secret.reseal(interrupt(after))).rejects.toThrow('interrupted')
    const spent = await linkFor(server, 'a@example.com')
    expect(
      (await behind.post(paths.verifyAddress, { token: spent, password, transport: 'bearer' })).status,
    ).toBe(200)
    const report = await server.sallyport.operator.secret.reseal()
    expect(report.sealed).toEqual({
      'signing key': { current: 2, earlier: 0, lost: 0 },
      'sign-up': { current: 2, earlier: 0, lost: 0 },
      mail: { current: 3, earlier: 0, lost: 0 },
      totp: { current: 0, earlier: 0, lost: 0 },
      provider: { current: 0, earlier: 0, lost: 0 },
      'provider token': { current: 0, earlier: 0, lost: 0 },
      'provider callback': { current: 0, earlier: 0, lost: 0 },
    })
    expect(report.olderUsedAt).not.toBeNull()
    const rows = await store.query('select * from mail')
    expect(await server.sallyport.operator.secret.reseal()).toEqual(report)
    expect(await store.query('select * from mail')).toEqual(rows)
    const alone = await start(next)
    const token = await linkFor(alone, 'b@example.com')
    expect((await alone.post(paths.verifyAddress, { token, password, transport: 'bearer' })).status).toBe(200)
  })

  test('after a leak, forget refuses everything made under the old secret, at once and after a restart [S17]', async () => {
    const { store, start } = await installation(kind)
    const before = await start(old)
    await before.addUser()
    const session = await before.signIn()
    await before.post(paths.forgotPassword, { email: 'ada@example.com' })
    const link = await linkFor(before, 'ada@example.com')
    expect(link).not.toBe('')
    const server = await start(`${next},${old}`)
    const kids = server.sallyport.operator.keys.list().map(({ kid }) => kid)
    // A process that has only the old secret would continue to create keys under it.
    await before.sallyport.close()
    expect(await server.sallyport.operator.secret.forget()).toBe(1)
    expect(
      await store.query(`select actor, details from audit_event where action = 'secret_forgotten'`),
    ).toEqual([{ actor: 'operator', details: '{"sessions":1}' }])
    expect((await server.session(session.accessToken)).status).toBe(401)
    expect(await (await server.introspect(session.accessToken)).json()).toEqual({ active: false })
    await server.sallyport.close()
    const after = await start(next)
    for (const { kid, state } of after.sallyport.operator.keys.list())
      expect(state === 'revoked').toBe(kids.includes(kid))
    expect((await after.refresh(session.refreshToken)).status).toBe(401)
    const reset = await after.post(paths.resetPassword, { token: link, newPassword: 'a third door to open' })
    expect(reset.status).toBe(400)
    expect((await after.session((await after.signIn()).accessToken)).status).toBe(200)
    expect(await store.query(`select id from mail where template = 'sessions_ended'`)).toEqual([])
    expect(
      await store.query<{ endReason: string }>('select "endReason" from session where "endedAt" > 0'),
    ).toEqual([{ endReason: 'operator' }])
  })
})

test('keys of the old secret verify refresh tokens for two idle times, and are deleted after 400 days', async () => {
  const { store, clock, start } = await installation('SQLite')
  const before = await start(old)
  await before.addUser()
  const { refreshToken: spent } = await before.signIn()
  const during = await start(`${next},${old}`)
  let { refreshToken } = await requireTokens(await during.refresh(spent))
  await during.sallyport.operator.secret.reseal()
  const early = await start(next)
  for (let halfDays = 0; halfDays < 5; halfDays += 1) {
    clock.advance(43_200)
    refreshToken = (await requireTokens(await early.refresh(refreshToken))).refreshToken
  }
  const late = await start(next)
  expect((await late.refresh(spent)).status).toBe(401)
  expect(await store.query('select id from session where "endedAt" is not null')).toEqual([])
  // The process that started before still has the key, and so detects the reuse.
  expect((await early.refresh(spent)).status).toBe(401)
  expect(await store.query('select "endReason" from session')).toEqual([{ endReason: 'reuse' }])
  expect(await store.query('select id from secret')).toHaveLength(2)
  clock.advance(401 * 86_400)
  await start(next)
  expect(await store.query('select id from secret')).toHaveLength(1)
})

test('a session stays valid with any order of secrets that every process has', async () => {
  const { clock, startAll } = await installation('SQLite')
  const lists = [`${old},${next}`, `${next},${old}`]
  const servers = await startAll(lists)
  await (servers[0] as TestServer).addUser()
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ server: fc.nat(1), waits: fc.nat(600), isLost: fc.boolean() }), { maxLength: 12 }),
      async (steps) => {
        let token = (await (servers[0] as TestServer).signIn()).refreshToken
        for (const { server, waits, isLost } of steps) {
          clock.advance(waits)
          const answer = await requireTokens(await (servers[server] as TestServer).refresh(token))
          if (!isLost) token = answer.refreshToken
        }
      },
    ),
    { numRuns: 25 },
  )
})

test('an earlier copy of the store ends the session as restored, and the log says what to do [S16]', async () => {
  const { store, clock, start } = await installation('SQLite')
  const server = await start(old)
  await server.addUser()
  const first = await server.signIn()
  const second = await requireTokens(await server.refresh(first.refreshToken))
  clock.advance(300)
  const third = await requireTokens(await server.refresh(second.refreshToken))
  await store.query(`update session set generation = 0, "parentBranch" = -1, branches = 1`)
  const answer = await server.refresh(third.refreshToken)
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([401, 'session_ended'])
  expect((await server.session(third.accessToken)).status).toBe(401)
  expect(await store.query('select "endReason" from session')).toEqual([{ endReason: 'restored' }])
  expect(await store.query(`select action from audit_event where action like 'refresh%'`)).toEqual([])
  expect(await store.query(`select result from audit_event where action = 'session_restored'`)).toHaveLength(
    1,
  )
  expect(await store.query('select id from mail')).toEqual([])
  await server.refresh(second.refreshToken)
  expect(server.logLines.filter((line) => line.includes('put back without sallyport restore'))).toHaveLength(
    1,
  )
  expect((await server.session((await server.signIn()).accessToken)).status).toBe(200)
})
