import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { judgeClaims } from '../flows/session/added-claims.ts'
import type { Hooks, HookUser, SignUpAttempt } from '../index.ts'
import { createSallyport, splitSettings } from '../index.ts'
import {
  claimsOf,
  frozenClock,
  password,
  recordingLog,
  requireTokens,
  startSallyport,
  testOptions,
} from '../testing/sallyport.ts'

const start = (hooks: Hooks, options = {}) => startSallyport(options, frozenClock(), { hooks })
const credentials = { email: 'ada@example.com', password, transport: 'bearer' }
type Server = Awaited<ReturnType<typeof start>>
const signUp = ({ post }: Server, email = 'ada@example.com', name = 'Ada') =>
  post(paths.signUp, { email, password, name, transport: 'bearer' })
const tokenOf = async ({ get }: Server) => {
  const { mails } = (await (await get(paths.inbox)).json()) as { mails: { text: string }[] }
  return /#token=([\w-]+)/.exec(mails[0]?.text ?? '')?.[1] ?? ''
}
const companyOnly: Hooks['beforeSignUp'] = ({ email }) =>
  email.endsWith('@example.com')
    ? undefined
    : { field: 'email', message: 'Use the address that your company gave you.' }

describe('beforeSignUp', () => {
  test('refuses a sign-up with its own field and message; others sign up', async () => {
    const server = await start({ beforeSignUp: companyOnly })
    const refused = await signUp(server, 'eve@evil.example')
    expect([refused.status, await refused.json()]).toMatchObject([
      422,
      {
        code: 'sign_up_refused',
        errors: [{ field: 'email', message: 'Use the address that your company gave you.' }],
      },
    ])
    expect((await signUp(server)).status).toBe(200)
  })

  test('gets the input in its stored form, without the password', async () => {
    const seen: SignUpAttempt[] = []
    const server = await start({ beforeSignUp: (attempt) => void seen.push(attempt) })
    await signUp(server, 'Ada@Example.com', '  Ada ')
    expect(seen).toEqual([
      { email: 'ada@example.com', name: 'Ada', fields: {}, address: null, userAgent: null },
    ])
    expect(JSON.stringify(seen)).not.toContain(password)
  })

  test('refuses known and unknown addresses alike, and accepts both alike where addresses are verified', async () => {
    const asked: string[] = []
    const server = await start(
      {
        beforeSignUp: (attempt, call) => {
          asked.push(attempt.email)
          return companyOnly(attempt, call)
        },
      },
      { developmentInbox: true, emailVerification: 'sign-in' },
    )
    await server.addUser('known@example.com')
    await server.addUser('known@evil.example')
    const answers = async (email: string) => {
      const { requestId: _, ...body } = (await (await signUp(server, email)).json()) as { requestId?: string }
      return body
    }
    expect(await answers('known@example.com')).toEqual(await answers('unknown@example.com'))
    expect(await answers('known@evil.example')).toEqual(await answers('unknown@evil.example'))
    expect(asked).toHaveLength(4)
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('the directory is unavailable')
      },
    ],
    ['hangs', () => new Promise<never>(() => {})],
    ['returns an invalid value', () => false as never],
  ])('fails the sign-up with 503 if it %s, and the log names the hook', async (_, beforeSignUp) => {
    const server = await start({ beforeSignUp }, { hookTimeoutMs: 30 })
    const answer = await signUp(server)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    expect(server.rows('user')).toEqual([])
    expect(server.logLines.join('')).toMatch(/"route":"hook beforeSignUp"/)
  })

  test('is aborted if it is slow, and its later result is ignored', async () => {
    const late = Promise.withResolvers<undefined>()
    let stop: AbortSignal | undefined
    const server = await start(
      {
        beforeSignUp(_, { signal }) {
          stop = signal
          return late.promise
        },
      },
      { hookTimeoutMs: 30 },
    )
    expect((await signUp(server)).status).toBe(503)
    late.resolve(undefined)
    expect([stop?.aborted, server.rows('user')]).toEqual([true, []])
  })

  test('is not called for users created by an operator', async () => {
    const server = await start({ beforeSignUp: () => ({ field: 'email', message: 'No.' }) })
    expect(await server.addUser()).toMatchObject({ email: 'ada@example.com' })
  })
})

describe('afterSignUp', () => {
  test('is called once the user is stored, and once for two concurrent sign-ups', async () => {
    const told: HookUser[] = []
    const stored: unknown[] = []
    const server = await start({
      afterSignUp(user) {
        told.push(user)
        stored.push(...server.rows('user'))
      },
    })
    const [one, other] = await Promise.all([signUp(server), signUp(server)])
    expect([one.status, other.status].sort()).toEqual([200, 409])
    await expect.poll(() => server.rows('pending_hook')).toEqual([])
    expect(told).toMatchObject([{ email: 'ada@example.com', name: 'Ada', roles: ['member'], fields: {} }])
    expect(stored).toHaveLength(1)
  })

  test('is called after the address is verified, not before', async () => {
    const told: string[] = []
    const server = await start(
      { afterSignUp: ({ email, emailVerified }) => void told.push(`${email} ${emailVerified}`) },
      { developmentInbox: true, emailVerification: 'sign-in' },
    )
    await signUp(server)
    expect(told).toEqual([])
    const answer = await server.post(paths.verifyAddress, {
      token: await tokenOf(server),
      password,
      transport: 'bearer',
    })
    expect(answer.status).toBe(200)
    await expect.poll(() => told).toEqual(['ada@example.com true'])
  })

  test('is not called for users created by an operator', async () => {
    const told: string[] = []
    const server = await start({ afterSignUp: ({ email }) => void told.push(email) })
    await server.addUser('eve@example.com')
    expect(server.rows('pending_hook')).toEqual([])
    await signUp(server)
    await expect.poll(() => told).toContain('ada@example.com')
    expect(told).toEqual(['ada@example.com'])
  })

  test('a failed call does not undo the sign-up, is logged and is repeated', async () => {
    let fails = true
    const told: string[] = []
    const server = await start({
      afterSignUp({ email }) {
        if (fails) throw new Error('the billing system is unavailable')
        told.push(email)
      },
    })
    expect((await signUp(server)).status).toBe(200)
    await expect
      .poll(() => server.logLines.join(''))
      .toMatch(/hook afterSignUp.*the billing system is unavailable/)
    await expect.poll(() => server.rows('pending_hook')).toMatchObject([{ dueAt: server.clock() + 60_000 }])
    await server.sallyport.upkeep()
    fails = false
    server.clock.advance(59)
    await server.sallyport.upkeep()
    expect(told).toEqual([])
    server.clock.advance(2)
    await server.sallyport.upkeep()
    await server.sallyport.upkeep()
    expect(told).toEqual(['ada@example.com'])
  })

  test('another process makes the call if the first one crashes before', async () => {
    const told: string[] = []
    const hooks: Hooks = { afterSignUp: ({ email }) => void told.push(email) }
    const held = Promise.withResolvers<void>()
    const server = await start({ afterSignUp: () => held.promise })
    const { dataDir, clock } = server
    const underWay = signUp(server)
    // The call is stored before it is made, so that a crash of this process does not lose it.
    await expect.poll(() => server.rows('pending_hook').length).toBe(1)
    const { log } = recordingLog()
    const next = await createSallyport({ ...testOptions, dataDir }, { clock, log, hooks })
    // The first process may only be slow, so others wait for a minute.
    clock.advance(59)
    await next.upkeep()
    expect(told).toEqual([])
    clock.advance(2)
    await next.upkeep()
    await next.close()
    expect(told).toEqual(['ada@example.com'])
    held.resolve()
    await underWay
  })

  test('the sign-up is answered while the hook runs, and the server waits for it when closing', async () => {
    const held = Promise.withResolvers<void>()
    const server = await start({ afterSignUp: () => held.promise })
    expect((await signUp(server)).status).toBe(200)
    expect(server.rows('pending_hook')).toHaveLength(1)
    const closing = server.sallyport.close()
    held.resolve()
    await closing
    expect(server.rows('pending_hook')).toEqual([])
  })

  test('a slow hook does not hold up the upkeep: one call at a time, for half a minute of each pass', async () => {
    let isAway = true
    const told: string[] = []
    let atOnce = 0
    let maxAtOnce = 0
    const server = await start({
      async afterSignUp({ email }) {
        if (isAway) throw new Error('away')
        atOnce += 1
        maxAtOnce = Math.max(maxAtOnce, atOnce)
        server.clock.advance(20)
        told.push(email)
        await new Promise((resolve) => setImmediate(resolve))
        atOnce -= 1
      },
    })
    for (const name of ['a', 'b', 'c', 'd']) await signUp(server, `${name}@example.com`)
    await expect
      .poll(() => server.logLines.filter((line) => line.includes('hook afterSignUp')))
      .toHaveLength(4)
    isAway = false
    server.clock.advance(61)
    await Promise.all([server.sallyport.upkeep(), server.sallyport.upkeep()])
    expect([told.length, maxAtOnce]).toEqual([2, 1])
    await server.sallyport.upkeep()
    expect(new Set(told).size).toBe(4)
  })

  test('while one process makes the call, others wait for a minute', async () => {
    const held = Promise.withResolvers<void>()
    let calls = 0
    const server = await start({
      async afterSignUp() {
        calls += 1
        if (calls === 1) throw new Error('away')
        await held.promise
      },
    })
    const { dataDir, clock } = server
    await signUp(server)
    await expect.poll(() => server.rows('pending_hook')).toMatchObject([{ dueAt: clock() + 60_000 }])
    clock.advance(60)
    const slow = server.sallyport.upkeep()
    await expect.poll(() => calls).toBe(2)
    const told: string[] = []
    const hooks: Hooks = { afterSignUp: ({ email }) => void told.push(email) }
    const { log } = recordingLog()
    const next = await createSallyport({ ...testOptions, dataDir }, { clock, log, hooks })
    clock.advance(59)
    await next.upkeep()
    expect(told).toEqual([])
    clock.advance(1)
    await next.upkeep()
    expect(told).toEqual(['ada@example.com'])
    held.resolve()
    await slow
    await next.close()
  })

  test('is aborted if it is slow', async () => {
    let stop: AbortSignal | undefined
    const server = await start(
      {
        afterSignUp(_, { signal }) {
          stop = signal
          return new Promise(() => {})
        },
      },
      { hookTimeoutMs: 30 },
    )
    await signUp(server)
    await expect.poll(() => stop?.aborted).toBe(true)
    await server.sallyport.close()
  })

  test('pending calls are dropped after 36 hours without a hook', async () => {
    const told: string[] = []
    const server = await start({
      afterSignUp() {
        throw new Error('away')
      },
    })
    const { dataDir, clock } = server
    await signUp(server)
    const upkeepWith = async (hooks: Hooks) => {
      const next = await createSallyport(
        { ...testOptions, dataDir },
        { clock, log: recordingLog().log, hooks },
      )
      await next.upkeep()
      await next.close()
    }
    clock.advance(3_600)
    await upkeepWith({})
    expect(server.rows('pending_hook')).toHaveLength(1)
    clock.advance(37 * 3_600)
    await upkeepWith({})
    await upkeepWith({ afterSignUp: ({ email }) => void told.push(email) })
    expect([told, server.rows('pending_hook')]).toEqual([[], []])
  })

  test('is not repeated after a day and a half', async () => {
    let calls = 0
    const server = await start({
      afterSignUp() {
        calls += 1
        throw new Error('never')
      },
    })
    await signUp(server)
    await expect.poll(() => calls).toBe(1)
    for (let hours = 0; hours < 48; hours += 1) {
      server.clock.advance(3_600)
      await server.sallyport.upkeep()
    }
    expect(calls).toBe(10)
    expect(server.rows('pending_hook')).toEqual([])
  })
})

describe('claims', () => {
  const plan = { plan: 'pro', 'https://example.com/seats': 3, limits: { projects: [1, 2] } }

  test('are in the token from the first one on, in the principal and in introspection', async () => {
    const server = await start({ claims: () => plan })
    const { accessToken } = await requireTokens(await signUp(server))
    expect(claimsOf(accessToken)).toMatchObject(plan)
    expect(await (await server.introspect(accessToken)).json()).toMatchObject({ active: true, ...plan })
    expect((await server.session(accessToken)).status).toBe(200)
  })

  test('are made again at every refresh, from the current user', async () => {
    const server = await start({ claims: ({ name, roles }) => ({ label: `${name} ${roles.join()}` }) })
    await server.addUser()
    const { refreshToken } = await server.signIn()
    const { id } = (await server.sallyport.operator.users.find('ada@example.com')) ?? { id: '' }
    await server.sallyport.operator.users.setRoles(id, ['owner'])
    const next = await requireTokens(await server.refresh(refreshToken))
    expect(claimsOf(next.accessToken)).toMatchObject({ label: 'Ada owner' })
  })

  test('a hook that returns a standard claim fails the sign-in, and the log says why', async () => {
    let name = ''
    const server = await start({ claims: () => ({ [name]: ['owner'] }) })
    await server.addUser()
    const ours =
      'roles permissions sub iss aud client_id sid ver jti iat exp nbf auth_time amr org cnf scope active role'
    for (name of ours.split(' ')) {
      const answer = await server.post(paths.signIn, credentials)
      expect([answer.status, ((await answer.json()) as { code: string }).code], name).toEqual([
        503,
        'unavailable',
      ])
      expect(server.logLines.join('')).toContain(`The claim ${name} has a reserved name`)
    }
    expect(server.rows('session')).toEqual([])
  })

  test('a failing hook uses up no refresh token, session or try; reuse is still detected', async () => {
    let fails = false
    const server = await start({
      claims() {
        if (fails) throw new Error('away')
        return {}
      },
    })
    await server.addUser()
    const first = await server.signIn()
    const second = await requireTokens(await server.refresh(first.refreshToken))
    fails = true
    expect((await server.refresh(second.refreshToken)).status).toBe(503)
    expect(server.rows('session')).toMatchObject([{ generation: 1 }])
    fails = false
    const third = await requireTokens(await server.refresh(second.refreshToken))
    fails = true
    server.clock.advance(60)
    expect((await server.refresh(first.refreshToken)).status).toBe(401)
    fails = false
    expect((await server.refresh(third.refreshToken)).status).toBe(401)
  })

  test('a hook that hangs is aborted', async () => {
    let stopped = false
    const server = await start(
      {
        claims: (_, { signal }) => {
          signal.addEventListener('abort', () => {
            stopped = true
          })
          return new Promise(() => {})
        },
      },
      { hookTimeoutMs: 30 },
    )
    await server.addUser()
    const answer = await server.post(paths.signIn, credentials)
    expect(answer.status).toBe(503)
    expect(stopped).toBe(true)
  })

  test('must fit into one cookie together with roles and permissions', async () => {
    const rolePermissions = { member: Array.from({ length: 120 }, (_, at) => `thing-${at}:read`) }
    const server = await start({ claims: () => ({ note: 'x'.repeat(900) }) }, { rolePermissions })
    await server.addUser()
    expect((await server.post(paths.signIn, credentials)).status).toBe(503)
    const roomy = await start({ claims: () => ({ note: 'x'.repeat(1_000) }) })
    await roomy.addUser()
    const { accessToken } = await roomy.signIn()
    expect(accessToken.length).toBeLessThan(4_000)
  })

  test('with many audiences, a sign-in gets cookies that fit or is refused before a session is stored', async () => {
    const audience = Array.from(
      { length: 6 },
      (_, at) => `https://api-${at}.${'long-name.'.repeat(8)}example`,
    )
    const rolePermissions = { member: Array.from({ length: 60 }, (_, at) => `thing-${at}:read`) }
    let length = 0
    const claims = () => ({ note: 'x'.repeat(length) })
    const server = await start({ claims }, { audience: audience.join(), rolePermissions })
    await server.addUser()
    const statuses = []
    for (length of [100, 300, 500, 700, 900]) statuses.push((await server.browser().signIn()).status)
    expect(new Set(statuses)).toEqual(new Set([200, 503]))
    expect(server.rows('session')).toHaveLength(statuses.filter((status) => status === 200).length)
  })

  test('the longest token that is issued fits into its cookie', async () => {
    let length = 1_000
    const many = Array.from({ length: 100 }, (_, at) => `thing-${at}:read`)
    const server = await start(
      { claims: () => ({ note: 'x'.repeat(length) }) },
      { rolePermissions: { member: many } },
    )
    await server.addUser()
    let answer = await server.post(paths.signIn, credentials)
    while (answer.status === 503) {
      length -= 20
      answer = await server.post(paths.signIn, credentials)
    }
    const { accessToken } = await requireTokens(answer)
    expect(accessToken.length).toBeGreaterThan(3_500)
    expect(accessToken.length).toBeLessThan(4_000)
  })

  test('a user who keeps changing gets 503 after two calls of the hook, and the token is not spent', async () => {
    let isRestless = false
    let makings = 0
    const server = await start({
      claims() {
        makings += 1
        if (isRestless) server.execute(`update "user" set name = 'Ada ${makings}'`)
        return {}
      },
    })
    await server.addUser()
    const { refreshToken } = await server.signIn()
    isRestless = true
    makings = 0
    const answer = await server.refresh(refreshToken)
    expect([answer.status, makings]).toEqual([503, 2])
    isRestless = false
    await requireTokens(await server.refresh(refreshToken))
  })

  test('a client that disconnects during a refresh causes no further call of the hook', async () => {
    const hangUp = new AbortController()
    let makings = 0
    const server = await start({
      claims() {
        makings += 1
        if (makings === 1) return {}
        server.execute(`update "user" set name = 'Ada ${makings}'`)
        hangUp.abort()
        return {}
      },
    })
    await server.addUser()
    const { refreshToken } = await server.signIn()
    await server.fetch(paths.refresh, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refreshToken }),
      signal: hangUp.signal,
    })
    expect(makings).toBe(2)
  })

  test('a mailed link creates the account while the hook fails, and the user signs in afterwards', async () => {
    let isAway = true
    const server = await start(
      {
        claims() {
          if (isAway) throw new Error('away')
          return {}
        },
      },
      { developmentInbox: true, emailVerification: 'sign-in' },
    )
    await signUp(server)
    const answer = await server.post(paths.verifyAddress, {
      token: await tokenOf(server),
      password,
      transport: 'bearer',
    })
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { user: expect.objectContaining({ email: 'ada@example.com', emailVerified: true }) },
    ])
    isAway = false
    await server.signIn()
  })

  test('a user who is disabled while the hook runs is not signed in, at sign-up or sign-in', async () => {
    const server = await start({
      claims() {
        server.execute('update "user" set disabledAt = 1')
        return {}
      },
    })
    for (const attempt of [() => signUp(server), () => server.post(paths.signIn, credentials)]) {
      const answer = await attempt()
      expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'invalid_credentials' }])
    }
    expect(server.rows('session')).toEqual([])
    const [{ id }] = server.rows<{ id: string }>('user') as [{ id: string }]
    expect(server.rows('audit_event').at(-1)).toMatchObject({
      action: 'sign_in',
      result: 'refused',
      userId: id,
    })
  })

  test('a right password while the hook fails is recorded in the audit log as refused', async () => {
    const server = await start({
      claims() {
        throw new Error('away')
      },
    })
    await server.addUser()
    expect((await server.post(paths.signIn, credentials)).status).toBe(503)
    const [{ id }] = server.rows<{ id: string }>('user') as [{ id: string }]
    expect(server.rows('audit_event').at(-1)).toMatchObject({
      action: 'sign_in',
      result: 'refused',
      userId: id,
    })
  })

  test.each([
    ['a date', { at: new Date(0) }],
    ['a bigint', { big: 1n }],
    ['NaN', { no: Number.NaN }],
    ['a function', { f: () => 1 }],
    ['a map', { m: new Map() }],
    ['half a character', { s: '\ud800' }],
    ['too much', { s: 'x'.repeat(1_025) }],
    ['too deep', { a: [[[[[[1]]]]]] }],
    [
      'a circular object',
      (() => {
        const loop: Record<string, unknown> = {}
        loop.loop = loop
        return { loop }
      })(),
    ],
    ['a member __proto__', { a: JSON.parse('{"__proto__":1}') }],
    ['half a character in a member’s name', { a: { '\ud800': 1 } }],
    ['a name __proto__', JSON.parse('{"__proto__":1}')],
    ['a name constructor', { constructor: 1 }],
    ['a list', []],
    ['nothing', undefined],
  ])('may not hold %s', (_, claims) => {
    expect(() => judgeClaims(claims)).toThrow(TypeError)
  })

  test('undefined members are left out', () => {
    expect(judgeClaims({ plan: undefined, seats: { used: undefined, all: 3 } })).toEqual({
      seats: { all: 3 },
    })
  })
})

test.each([
  ['a promise', async () => ({})],
  ['an instance of a class', () => new Map()],
  ['a function', () => () => ({})],
])('refuses a configuration that is %s, whose rules would be missing', (_, load) => {
  expect(() => splitSettings(load())).toThrow('If it is a promise, await it.')
})

test('refuses hooks that are a promise', async () => {
  const hooks = Promise.resolve({ beforeSignUp: companyOnly }) as Hooks
  await expect(start(hooks)).rejects.toThrow('hooks must be a plain object. If it is a promise, await it.')
})

test('refuses a misspelt hook', async () => {
  await expect(start({ beforeSignup: () => undefined } as Hooks)).rejects.toThrow(
    'There is no hook beforeSignup.',
  )
})

test('refuses a hook that is not a function; undefined is accepted', async () => {
  await expect(start({ claims: 'sub' } as unknown as Hooks)).rejects.toThrow(
    'The hook claims must be a function.',
  )
  await start({ claims: undefined, beforeSignUp: companyOnly } as unknown as Hooks)
})
