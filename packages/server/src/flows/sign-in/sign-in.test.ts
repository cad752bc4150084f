import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test, vi } from 'vitest'
import {
  bearer,
  claimsOf,
  metricsSecret,
  origin,
  password,
  requireTokens,
  startSallyport,
  type TestServer,
} from '../../testing/sallyport.ts'

const hashCalls = vi.hoisted(() => ({ verify: 0, hash: 0 }))

// The real argon2 runs; the mock only counts its calls.
vi.mock('@node-rs/argon2', async (importOriginal) => {
  const real = await importOriginal<typeof import('@node-rs/argon2')>()
  return {
    ...real,
    hash: (...given: Parameters<typeof real.hash>) => {
      hashCalls.hash += 1
      return real.hash(...given)
    },
    verify: (...given: Parameters<typeof real.verify>) => {
      hashCalls.verify += 1
      return real.verify(...given)
    },
  }
})

async function hashesOf(work: () => Promise<unknown>): Promise<{ hash: number; verify: number }> {
  const before = { ...hashCalls }
  await work()
  return { hash: hashCalls.hash - before.hash, verify: hashCalls.verify - before.verify }
}

/** Returns a response without the parts that differ in every response. */
async function comparable(answer: Response) {
  const { requestId, ...body } = (await answer.json()) as { requestId: string }
  const headers = Object.fromEntries(answer.headers)
  expect(headers['x-request-id']).toBe(requestId)
  delete headers['x-request-id']
  return { status: answer.status, headers, body }
}

const newcomer = { email: 'Grace@Example.com', password: 'a few good words', name: 'Grace' }

describe('sign up', () => {
  test('by cookie returns the user in the body and the tokens in cookies only', async () => {
    const server = await startSallyport()
    const browser = server.browser()
    const answer = await browser.post(paths.signUp, newcomer)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    expect(await answer.json()).toEqual({
      user: {
        id: expect.any(String),
        email: 'grace@example.com',
        name: 'Grace',
        roles: ['member'],
        emailVerified: false,
        createdAt: server.clock(),
      },
      expiresIn: 600,
    })
    expect([...browser.jar.keys()].sort()).toEqual(['accessToken', 'refreshToken', 'sallyport_device'])
    expect((await browser.get(paths.readSession)).status).toBe(200)
  })

  test('mails no link where addresses are not verified', async () => {
    const server = await startSallyport()
    expect((await server.post(paths.signUp, { ...newcomer, transport: 'bearer' })).status).toBe(200)
    for (const table of ['one_time_token', 'mail']) expect(server.rows(table), table).toEqual([])
  })

  test('by bearer returns the tokens in the body and sets no cookie', async () => {
    const server = await startSallyport()
    const answer = await server.post(paths.signUp, { ...newcomer, transport: 'bearer' })
    expect(answer.headers.getSetCookie()).toEqual([])
    const { accessToken, refreshToken } = await requireTokens(answer)
    expect((await server.session(accessToken)).status).toBe(200)
    expect((await server.refresh(refreshToken)).status).toBe(200)
  })

  test('twenty at once with the same address in different case create one account [A16]', async () => {
    const server = await startSallyport({ throttleScale: 10 })
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        server.post(paths.signUp, {
          ...newcomer,
          email: index % 2 === 0 ? 'grace@example.com' : 'GRACE@example.com',
          transport: 'bearer',
        }),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(409)])
    expect(server.rows('user')).toHaveLength(1)
    expect(server.rows('credential')).toHaveLength(1)
    expect(server.rows('session')).toHaveLength(1)
  })

  test('a taken address takes the same hash as a free one, and is reported only in this mode [A02]', async () => {
    const server = await startSallyport()
    const attempt = () => server.post(paths.signUp, { ...newcomer, transport: 'bearer' })
    expect(await hashesOf(attempt)).toEqual(await hashesOf(attempt))
    expect(await (await attempt()).json()).toMatchObject({
      code: 'email_unavailable',
      errors: [{ field: 'email' }],
    })
  })

  test.each([
    ['elevenchars', 400],
    ['twelve chars', 200],
    ['éàüöñçîôêâú', 400],
    ['éàüöñçîôêâú'.normalize('NFD'), 400],
    ['éàüöñçîôêâúì'.normalize('NFD'), 200],
    ['🗝🚪🏰🛡🐎🌙🪶🕯🗡🏹🧭', 400],
    ['🗝🚪🏰🛡🐎🌙🪶🕯🗡🏹🧭🎺', 200],
    ['a long row of words. '.repeat(48).padEnd(1024, '!'), 200],
    ['x'.repeat(1025), 400],
  ])(
    'answers the password %j with %i: the length is in code points of its NFC form [A08, A09]',
    async (text, status) => {
      const server = await startSallyport()
      expect(
        (await server.post(paths.signUp, { ...newcomer, password: text, transport: 'bearer' })).status,
      ).toBe(status)
    },
  )

  test.each<Record<string, unknown>>([
    { role: 'owner' },
    { roles: ['owner'] },
    { isAdmin: true },
    { emailVerified: true },
    { id: 'x' },
    { sub: 'x' },
    { permissions: ['*'] },
    { passwordHash: 'x' },
    { createdAt: 0 },
    { version: 9 },
    { 'user.roles': ['owner'] },
    { user: { roles: ['owner'] } },
    { constructor: { prototype: { roles: ['owner'] } } },
  ])('refuses %j, and stores nothing [A12]', async (extra) => {
    const server = await startSallyport()
    const answer = await server.post(paths.signUp, { ...newcomer, transport: 'bearer', ...extra })
    expect(answer.status).toBe(400)
    expect(server.rows('user')).toEqual([])
  })

  test('a name cannot add a claim [J31]', async () => {
    const server = await startSallyport()
    const name = '","role":"admin","x":"'
    const answer = await server.post(paths.signUp, { ...newcomer, name, transport: 'bearer' })
    const { accessToken } = await requireTokens(answer)
    expect(claimsOf(accessToken)).not.toHaveProperty('role')
    expect(claimsOf(accessToken).roles).toEqual(['member'])
    expect(await (await server.session(accessToken)).json()).toMatchObject({ user: { name } })
  })
})

describe('sign in', () => {
  test('issues exactly the documented claims [AT-09]', async () => {
    const server = await startSallyport()
    const user = await server.addUser()
    const { accessToken, expiresIn } = await server.signIn()
    const now = server.clock() / 1000
    expect(claimsOf(accessToken)).toEqual({
      iss: 'http://localhost:4000',
      aud: ['billing-api', 'billing-web'],
      client_id: 'first-party',
      sub: user.id,
      sid: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7/),
      ver: 0,
      jti: expect.any(String),
      iat: now,
      exp: now + expiresIn,
      auth_time: now,
      amr: ['pwd'],
      acr: 'aal1',
      roles: ['member'],
      permissions: ['invoice:read'],
    })
    const header: unknown = JSON.parse(Buffer.from(accessToken.split('.')[0] ?? '', 'base64url').toString())
    const { keys } = (await (await server.get(paths.jwks)).json()) as { keys: { kid: string }[] }
    expect(header).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: keys[0]?.kid })
  })

  test('gives the same response to a wrong password for unknown, malformed and known addresses [A01]', async () => {
    const server = await startSallyport()
    await server.addUser()
    const attempt = async (email: string) =>
      comparable(
        await server.post(paths.signIn, { email, password: 'not the password', transport: 'bearer' }),
      )
    const known = await attempt('ada@example.com')
    expect(known).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
    expect(known.headers).not.toHaveProperty('set-cookie')
    for (const email of [
      'nobody@example.com',
      'no address',
      ' ada@example.com',
      'ada@example.com.',
      '@',
      "' or 1=1--",
    ])
      expect(await attempt(email)).toEqual(known)
  })

  test('checks one hash and makes none for each of them, also the first unknown one [A02]', async () => {
    const server = await startSallyport()
    await server.addUser()
    for (const email of ['nobody@example.com', 'no address', 'ada@example.com', 'nobody@example.com']) {
      const cost = await hashesOf(() =>
        server.post(paths.signIn, { email, password: 'not the password', transport: 'bearer' }),
      )
      expect(cost).toEqual({ hash: 0, verify: 1 })
    }
    expect(await hashesOf(() => server.signIn())).toEqual({ hash: 0, verify: 1 })
  })

  test('a hash with weaker parameters is replaced at sign-in, once', async () => {
    const server = await startSallyport()
    await server.addUser()
    await server.sallyport.close()
    const stronger = await startSallyport({ dataDir: server.dataDir, hashIterations: 2 }, server.clock)
    expect(await hashesOf(() => stronger.signIn())).toEqual({ hash: 1, verify: 1 })
    expect(stronger.rows<{ secret: string }>('credential')[0]?.secret).toMatch(
      /^\$argon2id\$v=19\$m=8192,t=2,p=1\$/,
    )
    expect(await hashesOf(() => stronger.signIn())).toEqual({ hash: 0, verify: 1 })
  })

  test('compares passwords in NFC and no looser form [A09, N-06, N-07]', async () => {
    const server = await startSallyport()
    const composed = 'caf\u00e9 de la gare \u212a'
    await server.sallyport.operator.users.create({
      email: 'ada@example.com',
      password: composed,
      name: 'Ada',
    })
    const statusOf = async (text: string) =>
      (await server.post(paths.signIn, { email: 'ada@example.com', password: text, transport: 'bearer' }))
        .status
    expect(await statusOf('cafe\u0301 de la gare K')).toBe(200)
    expect(await statusOf('cafe de la gare K')).toBe(401)
    expect(await statusOf('CAF\u00c9 de la gare K')).toBe(401)
    expect(await statusOf(`${composed} `)).toBe(401)
    expect(await statusOf('caf\u00e9 de la gare \uff2b')).toBe(401)
  })

  test.each<Record<string, unknown>>([
    { password: true },
    { password: [] },
    { password: {} },
    { password: 0 },
    { password: null },
    { password: '' },
    { password: 'x'.repeat(1025) },
    { password: { $regex: '.*' } },
    { email: { $gt: '' } },
    { email: ['ada@example.com', 'eve@example.com'] },
    { email: 1 },
    { email: '' },
    { email: `${'a'.repeat(250)}@example.com` },
    { transport: 'carrier pigeon' },
    { remember: true },
  ])('refuses %j with 400, before any hash [A13, A08]', async (change) => {
    const server = await startSallyport()
    const cost = await hashesOf(async () => {
      const answer = await server.post(paths.signIn, {
        email: 'ada@example.com',
        password,
        transport: 'bearer',
        ...change,
      })
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        400,
        'invalid_request',
      ])
    })
    expect(cost).toEqual({ hash: 0, verify: 0 })
  })

  test('answers a flood with 503 and Retry-After, while other requests are served [A07]', async () => {
    // The limit per network is raised, so that the queue refuses and not the throttle.
    const server = await startSallyport({
      hashConcurrency: 1,
      hashQueueLength: 3,
      throttleScale: 10,
      // One hash takes longer than refusing all other requests.
      hashIterations: 20,
      hashMemoryKibibytes: 32_768,
    })
    await server.addUser()
    const { refreshToken } = await server.signIn()
    let open = 200
    const flood = Array.from({ length: 200 }, async (_, index) => {
      const answer = await server.post(paths.signIn, {
        email: `nobody-${index}@example.com`,
        password,
        transport: 'bearer',
      })
      open -= 1
      return answer
    })
    expect((await server.get(paths.health)).status).toBe(200)
    expect((await server.refresh(refreshToken)).status).toBe(200)
    expect(open).toBeGreaterThan(0)
    const answers = await Promise.all(flood)
    const busy = answers.filter(({ status }) => status === 503)
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(4)
    expect(busy).toHaveLength(196)
    expect(Number(busy[0]?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(await busy[0]?.json()).toMatchObject({ code: 'server_busy' })
  })

  /** One hash at a time, each slower than the arrival of the next request. */
  const slow = { hashConcurrency: 1, hashIterations: 20, hashMemoryKibibytes: 32_768, metricsSecret }
  const waitingAt = async (server: TestServer) =>
    /^sallyport_hash_queue_waiting (\d+)$/m.exec(
      await (await server.get(paths.metrics, bearer(metricsSecret))).text(),
    )?.[1]

  test('does not query the database when the queue of hashes is full [A07]', async () => {
    const server = await startSallyport({ ...slow, hashQueueLength: 1 })
    const attempt = () =>
      server.post(paths.signIn, { email: 'nobody@example.com', password, transport: 'bearer' })
    const admitted = [attempt(), attempt()]
    await expect.poll(() => waitingAt(server), { interval: 5 }).toBe('1')
    for (const table of ['user', 'throttle']) server.execute(`alter table ${table} rename to ${table}_away`)
    const signUp = () => server.post(paths.signUp, { ...newcomer, transport: 'bearer' })
    for (const ask of [attempt, signUp]) {
      const refused = await ask()
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
        503,
        'server_busy',
      ])
    }
    for (const table of ['user', 'throttle']) server.execute(`alter table ${table}_away rename to ${table}`)
    for (const answer of await Promise.all(admitted)) expect(answer.status).toBe(401)
  })

  test('neither hashes nor counts a try for a client that disconnects while waiting', async () => {
    const server = await startSallyport(slow)
    await server.addUser()
    const waiting = () => waitingAt(server)
    const attempt = (signal?: AbortSignal) =>
      server.fetch(paths.signIn, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'ada@example.com', password, transport: 'bearer' }),
        ...(signal && { signal }),
      })
    const gone = new AbortController()
    const cost = await hashesOf(async () => {
      const first = attempt()
      const abandoned = Array.from({ length: 5 }, () => attempt(gone.signal))
      const last = attempt()
      await expect.poll(waiting, { interval: 5 }).toBe('6')
      gone.abort()
      expect((await first).status).toBe(200)
      expect((await last).status).toBe(200)
      for (const answer of await Promise.all(abandoned)) expect(answer.status).toBe(503)
    })
    expect(cost.verify).toBe(2)
    expect(server.rows('session').length).toBe(2)
    expect(server.rows<{ count: number }>('throttle').map(({ count }) => count)).toEqual([0, 0])
  })
})

describe('a browser that signs in', () => {
  async function signedIn(server: TestServer) {
    const browser = server.browser()
    await browser.signIn()
    return browser
  }

  test('gets new cookies, and its earlier session ends [S01]', async () => {
    const server = await startSallyport()
    await server.addUser()
    await server.addUser('eve@example.com')
    const attacker = server.browser()
    await attacker.signIn('eve@example.com')
    const planted = Object.fromEntries(attacker.jar)
    const victim = server.browser()
    for (const [name, value] of attacker.jar) victim.jar.set(name, value)
    await victim.signIn()
    // The third cookie is the device cookie, which does not authenticate.
    for (const [name, value] of Object.entries(planted))
      if (name !== 'sallyport_device') expect(victim.jar.get(name)).not.toBe(value)
    expect((await attacker.get(paths.readSession)).status).toBe(401)
    expect((await attacker.post(paths.refresh)).status).toBe(401)
    expect(await (await victim.get(paths.readSession)).json()).toMatchObject({
      user: { email: 'ada@example.com' },
    })
  })

  test('ends a planted session of which it has only the access token [S01, S05]', async () => {
    const server = await startSallyport()
    await server.addUser()
    await server.addUser('eve@example.com')
    const eve = await server.signIn('eve@example.com')
    const victim = server.browser()
    victim.jar.set('accessToken', eve.accessToken)
    await victim.signIn()
    expect((await server.session(eve.accessToken)).status).toBe(401)
  })

  test('keeps its session after a failed sign-in', async () => {
    const server = await startSallyport()
    await server.addUser()
    const browser = await signedIn(server)
    const answer = await browser.post(paths.signIn, {
      email: 'ada@example.com',
      password: 'not the password',
    })
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([401, []])
    expect((await browser.get(paths.readSession)).status).toBe(200)
  })

  test('cannot get tokens in the body if its credentials came by cookie', async () => {
    const server = await startSallyport()
    await server.addUser()
    const browser = await signedIn(server)
    const details = { email: 'ada@example.com', password, transport: 'bearer' }
    const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    expect((await server.post(paths.signIn, details, { cookie })).status).toBe(403)
    const answer = await server.post(paths.signIn, details, { cookie, origin })
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([401, []])
    expect(await answer.json()).toMatchObject({ code: 'credential_conflict' })
    expect((await browser.get(paths.readSession)).status).toBe(200)
  })

  /** `/api`, `/api/`, `/api/auth` …: paths for which a browser may have a second cookie. */
  const pathsTo = (path: string) =>
    path.split('/').flatMap((_, at, parts) => {
      const above = parts.slice(0, at + 1).join('/')
      return at === 0 ? [] : at === parts.length - 1 ? [above] : [above, `${above}/`]
    })

  test('is refused with two cookies of the same name, and both are cleared [S02, S03, CK-06]', async () => {
    const server = await startSallyport()
    await server.addUser()
    const browser = await signedIn(server)
    const own = `accessToken=${browser.jar.get('accessToken')}; refreshToken=${browser.jar.get('refreshToken')}`
    for (const [path, method] of [
      [paths.readSession, 'GET'],
      [paths.refresh, 'POST'],
      [paths.signIn, 'POST'],
      [paths.signOut, 'POST'],
      [paths.readProfile, 'PATCH'],
    ] as const) {
      const answer = await server.fetch(path, {
        method,
        headers: { cookie: `refreshToken=planted; ${own}`, origin, 'content-type': 'application/json' },
        ...(method !== 'GET' && { body: '{}' }),
      })
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        401,
        'credential_conflict',
      ])
      expect(answer.headers.getSetCookie()).toEqual([
        'accessToken=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict',
        'refreshToken=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict',
        ...pathsTo(path).map((stray) => `refreshToken=; Path=${stray}; Max-Age=0`),
      ])
    }
    expect((await browser.get(paths.readSession)).status).toBe(200)
  })
})

describe('session and profile', () => {
  test('are read from the store, not from the token', async () => {
    const server = await startSallyport()
    await server.addUser()
    const { accessToken } = await server.signIn()
    server.execute("update user set name = 'Countess'")
    expect(await (await server.session(accessToken)).json()).toMatchObject({
      user: { name: 'Countess' },
      session: { createdAt: server.clock(), expiresAt: server.clock() + 90 * 86_400_000 },
    })
  })

  test('a deleted user is signed out [J23, R07]', async () => {
    const server = await startSallyport()
    await server.addUser()
    const { accessToken, refreshToken } = await server.signIn()
    server.execute('pragma foreign_keys = on; delete from user')
    expect((await server.session(accessToken)).status).toBe(401)
    expect((await server.get(paths.readProfile, bearer(accessToken))).status).toBe(401)
    expect((await server.refresh(refreshToken)).status).toBe(401)
  })

  test('only the name of the profile can be changed [A12]', async () => {
    const server = await startSallyport()
    await server.addUser()
    const { accessToken } = await server.signIn()
    const change = (body: unknown) =>
      server.fetch(paths.readProfile, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json', ...bearer(accessToken) },
        body: JSON.stringify(body),
      })
    expect(await (await change({ name: ' Ada L. ' })).json()).toMatchObject({ user: { name: 'Ada L.' } })
    for (const body of [
      { name: 'x', roles: ['owner'] },
      { email: 'eve@example.com' },
      { name: 'a\nb' },
      { name: '' },
    ])
      expect((await change(body)).status).toBe(400)
    expect(server.rows('user')).toMatchObject([
      { name: 'Ada L.', email: 'ada@example.com', roles: '["member"]' },
    ])
  })

  test('a token is refused as expired from its last second on [J19]', async () => {
    const server = await startSallyport()
    await server.addUser()
    const { accessToken } = await server.signIn()
    server.clock.now += 599_999
    expect((await server.session(accessToken)).status).toBe(200)
    server.clock.now += 1
    const answer = await server.session(accessToken)
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([401, 'token_expired'])
    expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
  })

  test('a token from before a change of roles is stale [R07]', async () => {
    const server = await startSallyport()
    const user = await server.addUser()
    const { accessToken, refreshToken } = await server.signIn()
    await server.sallyport.close()
    server.execute(`update user set version = 1, roles = '["owner"]';
      insert into revocation (sub, minVersion, until) values ('${user.id}', 1, ${server.clock() + 660_000})`)
    const again = await startSallyport({ dataDir: server.dataDir }, server.clock)
    expect(await (await again.session(accessToken)).json()).toMatchObject({ code: 'token_stale' })
    expect(await (await again.introspect(accessToken)).json()).toEqual({ active: false })
    const renewed = await requireTokens(await again.refresh(refreshToken))
    expect(claimsOf(renewed.accessToken)).toMatchObject({ ver: 1, roles: ['owner'] })
    expect((await again.session(renewed.accessToken)).status).toBe(200)
  })
})

describe('sign out', () => {
  test('ends the session for all its tokens, and clears the cookies [S08]', async () => {
    const server = await startSallyport()
    await server.addUser()
    const browser = server.browser()
    await browser.signIn()
    const copy = server.browser()
    for (const [name, value] of browser.jar) copy.jar.set(name, value)
    const answer = await browser.post(paths.signOut)
    expect([answer.status, await answer.text()]).toEqual([204, ''])
    expect([...browser.jar.keys()]).toEqual(['sallyport_device'])
    expect((await copy.get(paths.readSession)).status).toBe(401)
    expect((await copy.get(paths.readProfile)).status).toBe(401)
    const refused = await copy.post(paths.refresh)
    expect(refused.status).toBe(401)
    expect([...copy.jar.keys()]).toEqual(['sallyport_device'])
  })

  test('with a spent refresh token, twice, or with no token is not an error', async () => {
    const server = await startSallyport()
    await server.addUser()
    const first = await server.signIn()
    const second = await requireTokens(await server.refresh(first.refreshToken))
    for (const body of [
      { refreshToken: first.refreshToken },
      { refreshToken: first.refreshToken },
      {},
      { refreshToken: 'x' },
    ])
      expect((await server.post(paths.signOut, body)).status).toBe(204)
    expect((await server.session(second.accessToken)).status).toBe(401)
  })

  test('with an access token alone ends that session and no other', async () => {
    const server = await startSallyport()
    await server.addUser()
    const [one, other] = [await server.signIn(), await server.signIn()]
    expect((await server.post(paths.signOut, {}, bearer(one.accessToken))).status).toBe(204)
    expect((await server.refresh(one.refreshToken)).status).toBe(401)
    expect((await server.refresh(other.refreshToken)).status).toBe(200)
  })

  test('stays in force after a restart', async () => {
    const server = await startSallyport()
    await server.addUser()
    const { accessToken, refreshToken } = await server.signIn()
    await server.post(paths.signOut, { refreshToken })
    await server.sallyport.close()
    const again = await startSallyport({ dataDir: server.dataDir }, server.clock)
    expect((await again.session(accessToken)).status).toBe(401)
    expect((await again.refresh(refreshToken)).status).toBe(401)
  })
})

describe('a token [J24]', () => {
  test('works for its purpose and is refused everywhere else', async () => {
    const server = await startSallyport()
    await server.addUser()
    const { accessToken, refreshToken } = await server.signIn()
    const browser = server.browser()
    for (const token of [refreshToken, 'eyJhbGciOiJub25lIn0.e30.', 'verifier-9XfTq2LmZr7VbNc4KwHs8PdY']) {
      expect((await server.session(token)).status).toBe(401)
      browser.jar.set('accessToken', token)
      expect((await browser.get(paths.readSession)).status).toBe(401)
    }
    expect((await server.refresh(accessToken.slice(0, 72))).status).toBe(401)
    expect((await server.post(paths.refresh, { refreshToken: accessToken })).status).toBe(400)
    browser.jar.clear()
    browser.jar.set('refreshToken', accessToken)
    expect((await browser.post(paths.refresh)).status).toBe(401)
  })

  test('no value stored in the database works as a credential [S14]', async () => {
    const server = await startSallyport()
    await server.addUser()
    await server.signIn()
    const stored = ['user', 'credential', 'session', 'signing_key'].flatMap((table) =>
      server.rows(table).flatMap((row) => Object.values(row).map(String)),
    )
    for (const value of stored) {
      expect(
        (await server.fetch(paths.readSession, { headers: { authorization: `Bearer ${encodeURI(value)}` } }))
          .status,
      ).toBe(401)
      if (value.length <= 512 && value !== '')
        expect((await server.post(paths.refresh, { refreshToken: value })).status).toBe(401)
      const answer = await server.post(paths.signIn, {
        email: 'ada@example.com',
        password: value || 'x',
        transport: 'bearer',
      })
      expect(answer.status).toBe(401)
      // Advance the clock, because the throttle delays further tries.
      server.clock.advance(1_000)
    }
  })
})
