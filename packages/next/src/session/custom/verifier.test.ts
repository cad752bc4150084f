import { type Access, defineAccess } from '@sallyport/protocol'
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import { type CustomIssuerOptions, customIssuer } from '../../config/custom-issuer.ts'
import { optionsFor } from '../../testing/custom-pages.ts'
import { createBackendMemory, nameOfToken } from './backend-memory.ts'
import { BackendUnreachable, createSend } from './send.ts'
import { createCustomVerifier } from './verifier.ts'

let complaints: MockInstance<typeof console.error>
beforeEach(() => {
  complaints = vi.spyOn(console, 'error').mockReturnValue()
})
afterEach(() => complaints.mockRestore())
const complained = () => complaints.mock.calls.flat().join('\n')

const start = 1_700_000_000_000
const nobody = { address: null, userAgent: null, requestId: null, device: null }

type Body = Record<string, unknown>

/** A verifier that asks a backend, of which each test says what it answers. `asked` are the tokens of all questions. */
function asking({
  answer = () => ({ status: 200, body: { id: 7 } }),
  rememberSeconds = 60,
  principal = ({ id, ...rest }) => ({ userId: id, ...rest }),
  access,
}: {
  answer?: (token: string) => { status: number; body?: Body } | Promise<never>
  /** null: left out. */
  rememberSeconds?: number | null
  principal?: CustomIssuerOptions['principal']
  access?: Access
} = {}) {
  const asked: string[] = []
  const memory = createBackendMemory()
  const custom = customIssuer({
    ...optionsFor('http://localhost:9'),
    principal,
    access: {
      async introspect(token) {
        asked.push(token)
        const { status, body = {} } = await answer(token)
        return { status, ok: status >= 200 && status < 300, body, cookies: {}, headers: new Headers() }
      },
      ...(rememberSeconds !== null && { rememberSeconds }),
    },
  })
  const clock = { now: start }
  const verifier = createCustomVerifier(
    custom,
    createSend(custom.url, 100, nobody),
    memory,
    () => clock.now,
    access,
  )
  return { ...verifier, asked, memory, clock }
}

const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`

describe('the backend’s response to a token check', () => {
  it.each([
    [401, { id: 7 }, 'token_invalid'],
    [403, { id: 7 }, 'token_invalid'],
    [200, { id: 7, active: false }, 'token_invalid'],
    [400, { id: 7 }, 'unavailable'],
    [404, { id: 7 }, 'unavailable'],
    [429, { id: 7 }, 'unavailable'],
    [302, { id: 7 }, 'unavailable'],
    [500, { id: 7 }, 'unavailable'],
    [200, {}, 'unavailable'],
  ])('%i and %j: %s, and the next caller asks again', async (status, body, code) => {
    const { verify, asked } = asking({ answer: () => ({ status, body }) })
    for (const _ of [1, 2]) await expect(verify('opaque')).rejects.toMatchObject({ code })
    expect(asked).toEqual(['opaque', 'opaque'])
    expect(complained()).toBe('')
  })

  it('is converted to the caller by `principal`', async () => {
    for (const active of [true, undefined, null, 0]) {
      const { verify } = asking({ answer: () => ({ status: 200, body: { id: 7, active } }) })
      expect((await verify('opaque')).userId).toBe('7')
    }
  })

  it('is unknown without a usable response, and only mistakes are logged', async () => {
    const away = asking({ answer: () => Promise.reject(new BackendUnreachable('GET /me')) })
    await expect(away.verify('opaque')).rejects.toMatchObject({ code: 'unavailable' })
    expect(complained()).toBe('')
    const broken = asking({ answer: () => Promise.reject(new Error('no such path')) })
    await expect(broken.verify('opaque')).rejects.toMatchObject({ code: 'unavailable' })
    expect(complained()).toContain('introspect() threw: Error: no such path')
  })
})

describe('how long a response is cached', () => {
  it.each([
    [60, 60_000],
    [null, 5_000],
    [1, 1_000],
  ])('rememberSeconds %j: less than %i ms', async (rememberSeconds, ms) => {
    const { verify, asked, clock } = asking({ rememberSeconds })
    await verify('opaque')
    clock.now = start + ms - 1
    await verify('opaque')
    expect(asked).toHaveLength(1)
    clock.now = start + ms
    await verify('opaque')
    expect(asked).toHaveLength(2)
  })

  it('rememberSeconds 0: not at all', async () => {
    const { verify, asked } = asking({ rememberSeconds: 0 })
    await verify('opaque')
    await verify('opaque')
    expect(asked).toHaveLength(2)
  })

  it('is cached for each token, for at most 10,000 tokens', async () => {
    const { verify, asked } = asking()
    for (let number = 0; number < 10_000; number += 1) await verify(`opaque-${number}`)
    await verify('opaque-0')
    expect(asked).toHaveLength(10_000)
    await verify('opaque-10000')
    await verify('opaque-0')
    await verify('opaque-10000')
    expect(asked.slice(10_000)).toEqual(['opaque-10000', 'opaque-0'])
  })

  it('shares a running check, and checks again after a failure', async () => {
    let isAway = true
    const { verify, asked } = asking({
      answer: () =>
        isAway ? Promise.reject(new BackendUnreachable('GET /me')) : { status: 200, body: { id: 7 } },
    })
    const outcomes = await Promise.allSettled([verify('opaque'), verify('opaque'), verify('other')])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(asked).toEqual(['opaque', 'other'])
    isAway = false
    expect((await verify('opaque')).userId).toBe('7')
  })
})

describe('what is refused without a call', () => {
  it('a token that no backend can have issued', async () => {
    const { verify, asked } = asking()
    for (const token of ['', 'with blank', 'a;b', 'ä', 'x'.repeat(4_000)])
      await expect(verify(token)).rejects.toMatchObject({ code: 'token_invalid' })
    expect(asked).toEqual([])
  })

  it('a token that the API has refused, which must be renewed', async () => {
    const { verify, outdate, isOutdated, asked, memory } = asking()
    expect(isOutdated('opaque')).toBe(false)
    outdate('opaque')
    expect([isOutdated('opaque'), isOutdated('other')]).toEqual([true, false])
    expect(memory.outdated.has(nameOfToken('opaque'))).toBe(true)
    await expect(verify('opaque')).rejects.toMatchObject({ code: 'token_stale' })
    expect(asked).toEqual([])
    expect((await verify('other')).userId).toBe('7')
  })
})

it('ends all tokens of a signed-out session, and no others', async () => {
  const { verify, revokeLocally } = asking({
    answer: (token) => ({ status: 200, body: { id: 7, sessionId: token.split('-')[0] } }),
  })
  revokeLocally({ sub: '7', minVersion: 9 } as never)
  expect((await verify('one-a')).sessionId).toBe('one')
  revokeLocally({ sid: 'one' })
  for (const token of ['one-a', 'one-b'])
    await expect(verify(token)).rejects.toMatchObject({ code: 'session_ended' })
  expect((await verify('two-a')).sessionId).toBe('two')
})

it('accepts a token until its expiry, exclusively', async () => {
  const { verify, clock } = asking({ answer: () => ({ status: 200, body: { id: 7, exp: 1_700_000_010 } }) })
  clock.now = start + 9_999
  expect((await verify('opaque')).expiresAt).toBe(start + 10_000)
  clock.now = start + 10_000
  await expect(verify('opaque')).rejects.toMatchObject({ code: 'token_expired' })
})

describe('the principal', () => {
  it('has the permissions that the definition gives its roles, unless `principal` reads permissions', async () => {
    const access = defineAccess({ permissions: ['a', 'b'], roles: { owner: '*', member: ['a'] } })
    const permissionsOf = async (body: Body, definition?: Access) => {
      const answer = () => ({ status: 200, body: { id: 7, ...body } })
      const { verify } = asking({ answer, ...(definition && { access: definition }) })
      return (await verify(jwt(body))).permissions
    }
    expect(await permissionsOf({ roles: ['member', 'stranger'] }, access)).toEqual(['a'])
    expect(await permissionsOf({ roles: ['owner'] }, access)).toEqual(['a', 'b'])
    expect(await permissionsOf({}, access)).toEqual([])
    expect(await permissionsOf({ roles: ['owner'], permissions: [] }, access)).toEqual([])
    expect(await permissionsOf({ roles: ['owner'], permissions: ['b'] }, access)).toEqual(['b'])
    expect(await permissionsOf({ roles: ['owner'] })).toEqual([])
    await expect(permissionsOf({ roles: ['owner'], permissions: null }, access)).rejects.toMatchObject({
      code: 'token_invalid',
    })
  })

  const of = (body: Body, token = 'opaque') => asking({ answer: () => ({ status: 200, body }) }).verify(token)

  it('has all data of the backend, and cannot be changed', async () => {
    const principal = await of({
      ...{ id: 'ada', roles: ['owner'], permissions: ['invoice:read'], sessionId: 's-1', sid: 's-2' },
      ...{ organizationId: 'acme', amr: ['pwd', 'otp'] },
      ...{ auth_time: 1_699_999_000, iat: 1_699_999_900, exp: 1_700_000_900 },
    })
    expect(principal).toEqual({
      userId: 'ada',
      sessionId: 's-1',
      roles: ['owner'],
      permissions: ['invoice:read'],
      organizationId: 'acme',
      methods: ['pwd', 'otp'],
      authenticatedAt: 1_699_999_000_000,
      issuedAt: 1_699_999_900_000,
      expiresAt: 1_700_000_900_000,
    })
    for (const value of [principal, principal.roles, principal.permissions, principal.methods])
      expect(Object.isFrozen(value)).toBe(true)
  })

  it('has only an id: no roles, no sign-in time, ten minutes', async () => {
    expect(await of({ id: 7 })).toEqual({
      userId: '7',
      sessionId: nameOfToken('opaque'),
      roles: [],
      permissions: [],
      methods: [],
      authenticatedAt: 0,
      issuedAt: start,
      expiresAt: start + 600_000,
    })
  })

  it.each([
    ['userId', { id: undefined }],
    ['userId', { id: '' }],
    ['userId', { id: null }],
    ['userId', { id: 1.5 }],
    ['userId', { id: 2 ** 53 }],
    ['userId', { id: ['7'] }],
    ['userId', { id: 'x'.repeat(256) }],
    ['roles', { id: 7, roles: 'owner' }],
    ['roles', { id: 7, roles: null }],
    ['roles', { id: 7, roles: ['owner', 7] }],
    ['permissions', { id: 7, permissions: 'invoice:read' }],
    ['permissions', { id: 7, permissions: [null] }],
  ])('no %s in %j: no session, and a warning', async (member, body) => {
    const token = `opaque-${member}`
    await expect(
      of({ ...body, [`for ${JSON.stringify(body).slice(0, 40)}`]: 1 }, token),
    ).rejects.toMatchObject({ code: 'token_invalid' })
    expect(complained()).toContain(`principal() gave no ${member} that is a`)
    expect(complained()).not.toContain(token)
  })

  it('is unknown if `principal` throws', async () => {
    const { verify } = asking({
      principal: () => {
        throw new Error('not ready yet')
      },
    })
    await expect(verify('opaque')).rejects.toMatchObject({ code: 'unavailable' })
    expect(complained()).toContain('principal() threw: Error: not ready yet')
  })

  it.each<[Body, string]>([
    [{ sessionId: 5, sid: 'a', jti: 'b' }, '5'],
    [{ sessionId: '', sid: 'a', jti: 'b' }, 'a'],
    [{ sessionId: {}, sid: ['a'], jti: 'b' }, 'b'],
    [{ jti: 'b' }, 'b'],
    [{}, 'of the token'],
    [{ sid: 'x'.repeat(255) }, 'x'.repeat(255)],
    [{ sid: 'x'.repeat(256) }, 'of the token'],
  ])('%j: the session is %s', async (body, sessionId) => {
    const token = jwt({ jti: 'of the token' })
    expect((await of({ id: 7, ...body }, token)).sessionId).toBe(sessionId)
  })

  it.each([
    ['acme', 'acme'],
    [7, '7'],
    ['', undefined],
    [null, undefined],
    [{}, undefined],
  ])('organization %j: %j', async (organizationId, expected) => {
    expect((await of({ id: 7, organizationId })).organizationId).toBe(expected)
  })

  it.each([
    [['pwd'], ['pwd']],
    ['pwd', []],
    [['pwd', 1], []],
    [null, []],
  ])('amr %j: %j', async (amr, methods) => {
    expect((await of({ id: 7, amr })).methods).toEqual(methods)
  })

  it('takes missing data from the confirmed token', async () => {
    const token = jwt({ auth_time: 1_699_999_000, iat: 1_699_999_900, exp: 1_700_000_900, amr: ['otp'] })
    expect(await of({ id: 7 }, token)).toMatchObject({
      authenticatedAt: 1_699_999_000_000,
      issuedAt: 1_699_999_900_000,
      expiresAt: 1_700_000_900_000,
      methods: ['otp'],
    })
    expect(await of({ id: 7, iat: 1_699_999_950, amr: ['pwd'] }, token)).toMatchObject({
      issuedAt: 1_699_999_950_000,
      methods: ['pwd'],
    })
  })

  it.each([-1, '1699999000', null, 1e12, Number.POSITIVE_INFINITY, Number.NaN])(
    'uses the defaults for %j, which is not a time',
    async (time) => {
      expect(await of({ id: 7, auth_time: time, iat: time, exp: time })).toMatchObject({
        authenticatedAt: 0,
        issuedAt: start,
        expiresAt: start + 600_000,
      })
    },
  )

  it('accepts 0, and values below 10 to the 12th, as times', async () => {
    const principal = await of({ id: 7, auth_time: 0, iat: 0, exp: 999_999_999_999 })
    expect([principal.issuedAt, principal.expiresAt]).toEqual([0, 999_999_999_999_000])
  })
})
