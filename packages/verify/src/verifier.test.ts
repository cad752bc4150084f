import { describe, expect, test, vi } from 'vitest'
import { AuthError } from './auth-error.ts'
import { RevocationSet } from './revocation-set.ts'
import { createSigningKey, issueToken, now, nowSeconds } from './testing/issuer.ts'
import { countingKeySet, verifierOf } from './testing/verifier.ts'
import type { LocalRevocation } from './verifier.ts'

const key = createSigningKey('key-1')

describe('verify', () => {
  test('returns a frozen principal for a genuine token, without the token', async () => {
    const token = issueToken(key, {
      permissions: ['invoice:read'],
      aud: ['billing-api/organization'],
      org: 'org-1',
    })
    const principal = await verifierOf(countingKeySet(key), { organizations: 'required' }).verify(token)
    expect(principal).toStrictEqual({
      userId: 'user-1',
      sessionId: 'session-1',
      roles: ['member'],
      permissions: ['invoice:read'],
      organizationId: 'org-1',
      methods: ['pwd'],
      acr: 'aal1',
      authenticatedAt: now,
      issuedAt: now,
      expiresAt: now + 600_000,
    })
    expect(Object.isFrozen(principal)).toBe(true)
    for (const list of [principal.roles, principal.permissions, principal.methods])
      expect(() => (list as string[]).push('owner')).toThrow(TypeError)
  })

  // Everybody can be the owner of an organization. So its tokens must not be of use where an API knows no organizations.
  test.each([
    [undefined, { user: 'accepted', organization: 'token_invalid' }],
    ['required', { user: 'token_invalid', organization: 'accepted' }],
    ['optional', { user: 'accepted', organization: 'accepted' }],
  ] as const)(
    'with organizations: %s, accepts only the tokens for which it is made [G03]',
    async (organizations, wanted) => {
      const warned = vi.spyOn(process, 'emitWarning').mockReturnValue()
      const verifier = verifierOf(countingKeySet(key), { organizations })
      const outcome = (claims: Parameters<typeof issueToken>[1]) =>
        verifier.verify(issueToken(key, claims)).then(
          () => 'accepted',
          ({ code }) => code,
        )
      const ofOrganization = { aud: ['billing-web/organization', 'billing-api/organization'], org: 'org-1' }
      expect({ user: await outcome({}), organization: await outcome(ofOrganization) }).toEqual(wanted)
      // No mode accepts an organization with the audience of users, or the other way round.
      expect(await outcome({ org: 'org-1' })).toBe('token_invalid')
      expect(await outcome({ aud: 'billing-api/organization' })).toBe('token_invalid')
      expect(await outcome({ ...ofOrganization, aud: 'billing-web/organization' })).toBe('token_invalid')
      const told = warned.mock.calls.map(([text]) => String(text))
      if (organizations === undefined) expect(told[0]).toContain("set organizations: 'required'")
      if (organizations === 'required') expect(told[0]).toContain('api.organization(slug)')
      warned.mockRestore()
    },
  )

  test('returns no permissions and no organization for a token without them', async () => {
    const token = issueToken(key, { client_id: undefined, ver: 0 })
    const principal = await verifierOf(countingKeySet(key)).verify(token)
    expect(principal).toStrictEqual({
      userId: 'user-1',
      sessionId: 'session-1',
      roles: ['member'],
      permissions: [],
      methods: ['pwd'],
      acr: 'aal1',
      authenticatedAt: now,
      issuedAt: now,
      expiresAt: now + 600_000,
    })
    expect(() => (principal.permissions as string[]).push('invoice:write')).toThrow(TypeError)
  })

  test('changes of a principal by one handler do not affect others', async () => {
    const verifier = verifierOf(countingKeySet(key))
    const token = issueToken(key, { limits: { plans: [{ seats: [3] }, null] }, none: null })
    type Limits = { plans: [{ seats: number[] }, null] }
    const limitsOf = async () => (await verifier.verify(token)).claims?.limits as Limits
    const limits = await limitsOf()
    expect(() => limits.plans[0].seats.push(1000)).toThrow(TypeError)
    expect(() => Object.assign(limits.plans[0], { seats: [1000] })).toThrow(TypeError)
    expect(() => Object.assign(limits.plans, { 0: { seats: [1000] } })).toThrow(TypeError)
    expect(() => Object.assign(limits, { plans: [] })).toThrow(TypeError)
    expect(await limitsOf()).toEqual({ plans: [{ seats: [3] }, null] })
    expect((await verifier.verify(token)).claims?.none).toBeNull()
  })

  test('refuses every token with a clock that returns NaN', async () => {
    const broken = verifierOf(countingKeySet(key), { clock: () => Number.NaN, cacheSize: 0 })
    await expect(broken.verify(issueToken(key))).rejects.toBeInstanceOf(AuthError)
    let time = now
    const breaking = verifierOf(countingKeySet(key), { clock: () => time })
    await breaking.verify(issueToken(key))
    time = Number.NaN
    await expect(breaking.verify(issueToken(key))).rejects.toBeInstanceOf(AuthError)
  })

  test('revokeLocally refuses a revocation without a name with a TypeError', () => {
    const verifier = verifierOf(countingKeySet(key))
    for (const nobody of [{ sid: undefined }, { sid: '' }, {}, { sub: 'user-1' }, { kid: null }])
      expect(() => verifier.revokeLocally(nobody as unknown as LocalRevocation)).toThrow(TypeError)
  })

  test('returns the version of a token: enough to revoke it and older ones of that user, and no newer one', async () => {
    const verifier = verifierOf(countingKeySet(key), { cacheSize: 0 })
    const tokenOf = (ver: number, sub = 'user-1') => issueToken(key, { ver, sub })
    const principal = await verifier.verify(tokenOf(3))
    expect(verifier.versionOf(principal)).toBe(3)
    verifier.revokeLocally({ sub: principal.userId, minVersion: verifier.versionOf(principal) + 1 })
    for (const ver of [2, 3])
      await expect(verifier.verify(tokenOf(ver))).rejects.toMatchObject({ code: 'token_stale' })
    await expect(verifier.verify(tokenOf(4))).resolves.toMatchObject({ userId: 'user-1' })
    await expect(verifier.verify(tokenOf(0, 'user-2'))).resolves.toMatchObject({ userId: 'user-2' })
  })

  test('knows no version of a principal that it did not return', async () => {
    const verifier = verifierOf(countingKeySet(key))
    const principal = await verifier.verify(issueToken(key))
    const ofAnother = await verifierOf(countingKeySet(key)).verify(issueToken(key))
    for (const unknown of [{ ...principal }, ofAnother])
      expect(() => verifier.versionOf(unknown)).toThrow(/that `verify` returned/)
  })

  test('returns added claims in `claims`, frozen, without the standard claims', async () => {
    const added = { plan: 'pro', 'https://example.com/limits': { seats: [3] } }
    const ownAndStandard = { nbf: nowSeconds, scope: 'all', client_id: 'x', permissions: ['invoice:read'] }
    const token = issueToken(key, {
      ...added,
      ...ownAndStandard,
      ...JSON.parse('{"__proto__":{"polluted":1}}'),
    })
    const { claims, ...principal } = await verifierOf(countingKeySet(key)).verify(token)
    expect(claims).toEqual(added)
    expect(principal).not.toHaveProperty('scope')
    expect(Object.isFrozen(claims) && Object.isFrozen(claims?.['https://example.com/limits'])).toBe(true)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
    expect(claims?.polluted).toBeUndefined()
  })

  test.each(['EdDSA', 'RS256'] as const)('%s is accepted only if it is allowed', async (alg) => {
    const other = createSigningKey('key-2', alg)
    const token = issueToken(other)
    await expect(
      verifierOf(countingKeySet(other), { algorithms: ['ES256', alg] }).verify(token),
    ).resolves.toBeDefined()
    await expect(verifierOf(countingKeySet(other)).verify(token)).rejects.toMatchObject({
      code: 'token_invalid',
    })
  })

  test('checks the signature once, and expiry, revocation and the key at every call', async () => {
    const keySet = countingKeySet(key)
    let time = now
    const verifier = verifierOf(keySet, { clock: () => time })
    const token = issueToken(key)
    for (let call = 0; call < 5; call += 1) await verifier.verify(token)
    expect(keySet.signatures).toBe(1)
    expect(keySet.lookups).toHaveLength(5)
    time = now + 599_999
    await verifier.verify(token)
    time = now + 600_000
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'token_expired', status: 401 })
    expect(keySet.signatures).toBe(1)
  })

  test('refuses cached tokens of a withdrawn key', async () => {
    const keySet = countingKeySet(key)
    const verifier = verifierOf(keySet)
    const token = issueToken(key)
    await verifier.verify(token)
    keySet.find = () => null
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'token_invalid' })
  })

  test('refuses an ended session at once, and no other', async () => {
    const verifier = verifierOf(countingKeySet(key))
    const token = issueToken(key)
    const other = issueToken(key, { sid: 'session-2' })
    await verifier.verify(token)
    verifier.revokeLocally({ sid: 'session-1' })
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'session_ended', status: 401 })
    await expect(verifier.verify(other)).resolves.toBeDefined()
  })

  test('refuses a locally ended session until its tokens expire, also with an issuer whose clock is ahead', async () => {
    let time = now
    const verifier = verifierOf(countingKeySet(key), { clock: () => time, clockToleranceSeconds: 30 })
    const token = issueToken(key, { iat: nowSeconds + 30, exp: nowSeconds + 3_630 })
    await verifier.verify(token)
    verifier.revokeLocally({ sid: 'session-1' })
    time += 3_629_000
    // When an entry is added, expired entries are removed.
    verifier.revokeLocally({ sid: 'session-2' })
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'session_ended' })
  })

  test('refuses a value that is not a string or is too long, before any look-up', async () => {
    const keySet = countingKeySet(key)
    const verifier = verifierOf(keySet)
    for (const token of [undefined, null, 7, {}, [issueToken(key)], 'x'.repeat(8193)])
      await expect(verifier.verify(token as string)).rejects.toMatchObject({
        code: 'token_invalid',
        reason: 'not a string, or too long',
      })
    await expect(verifier.verify('x'.repeat(8192))).rejects.toMatchObject({
      reason: 'not a JWS in compact form',
    })
    expect(keySet.lookups).toEqual([])
  })

  test('another source of revocations is started once, loaded by ready, asked at every call and closed', async () => {
    const calls: string[] = []
    const asked: unknown[] = []
    const revocations = {
      findRefusal: (holder: unknown) => {
        asked.push(holder)
        return null
      },
      isCurrent: () => true,
      add: () => void calls.push('add'),
      start: () => void calls.push('start'),
      load: async () => void calls.push('load'),
      close: () => void calls.push('close'),
    }
    const verifier = verifierOf(countingKeySet(key), { revocations })
    expect(calls).toEqual([])
    const token = issueToken(key)
    for (let call = 0; call < 3; call += 1) await verifier.verify(token)
    expect(calls).toEqual(['start'])
    expect(asked).toEqual(
      Array(3).fill({ sessionId: 'session-1', userId: 'user-1', version: 3, keyId: 'key-1' }),
    )
    await verifier.ready()
    verifier.close()
    expect(calls).toEqual(['start', 'load', 'close'])
    const ready = verifierOf(countingKeySet(key), { revocations })
    await ready.ready()
    await ready.verify(token)
    expect(calls.slice(3)).toEqual(['load'])
  })

  test('refuses all requests without current revocations and without a feed policy', async () => {
    const revocations = new RevocationSet(() => now)
    revocations.isCurrent = () => false
    const verifier = verifierOf(countingKeySet(key), { revocations })
    await expect(verifier.verify(issueToken(key))).rejects.toMatchObject({ code: 'unavailable', status: 503 })
  })

  test('checks the signature again if a fetched key is another object', async () => {
    const [one, two] = [countingKeySet(key), countingKeySet(key)]
    let current = one
    const keySet = { find: async (kid: string) => current.find(kid), load: async () => {} }
    const verifier = verifierOf(keySet)
    const token = issueToken(key)
    for (let call = 0; call < 2; call += 1) await verifier.verify(token)
    expect(one.signatures).toBe(1)
    current = two
    for (let call = 0; call < 2; call += 1) await verifier.verify(token)
    expect([one.signatures, two.signatures]).toEqual([1, 1])
  })

  test('drops an expired token from the cache, and keeps a revoked one', async () => {
    const keySet = countingKeySet(key)
    let time = now
    const verifier = verifierOf(keySet, { clock: () => time })
    const [expiring, ended] = [issueToken(key), issueToken(key, { sid: 'session-2', exp: nowSeconds + 3600 })]
    await verifier.verify(expiring)
    verifier.revokeLocally({ sid: 'session-2' })
    for (let call = 0; call < 3; call += 1)
      await expect(verifier.verify(ended)).rejects.toMatchObject({ code: 'session_ended' })
    expect(keySet.signatures).toBe(2)
    time += 600_000
    await expect(verifier.verify(expiring)).rejects.toMatchObject({ code: 'token_expired' })
    time -= 600_000
    await verifier.verify(expiring)
    expect(keySet.signatures).toBe(3)
  })

  test('refuses tokens of an older version of the user as stale', async () => {
    const revocations = new RevocationSet(() => now)
    const verifier = verifierOf(countingKeySet(key), { revocations })
    const token = issueToken(key)
    await verifier.verify(token)
    revocations.add({ sub: 'user-1', minVersion: 4, until: now + 600_000 })
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'token_stale' })
    await expect(verifier.verify(issueToken(key, { ver: 4 }))).resolves.toBeDefined()
  })

  test('caches at most cacheSize tokens, and drops those not used recently first', async () => {
    const keySet = countingKeySet(key)
    const verifier = verifierOf(keySet, { cacheSize: 4 })
    const [one = '', two = '', three = ''] = ['a', 'b', 'c'].map((jti) => issueToken(key, { jti }))
    for (const token of [one, two, one, three, one]) await verifier.verify(token)
    expect(keySet.signatures).toBe(3)
    await verifier.verify(two)
    expect(keySet.signatures).toBe(4)
  })

  test('a clock an hour ahead refuses tokens as expired, and accepts them once it is put back', async () => {
    let time = now
    const verifier = verifierOf(countingKeySet(key), { clock: () => time })
    const [token, ended] = [issueToken(key), issueToken(key, { sid: 'session-2' })]
    await verifier.verify(token)
    verifier.revokeLocally({ sid: 'session-2' })
    time += 3_600_000
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'token_expired' })
    verifier.revokeLocally({ sid: 'session-3' })
    time -= 3_600_000
    await expect(verifier.verify(token)).resolves.toBeDefined()
    await expect(verifier.verify(ended)).rejects.toMatchObject({ code: 'session_ended' })
  })

  test('refuses a token of an issuer an hour ahead, with the time claim as reason for the log', async () => {
    const verifier = verifierOf(countingKeySet(key), { clockToleranceSeconds: 300 })
    for (const name of ['iat', 'auth_time', 'nbf'])
      await expect(verifier.verify(issueToken(key, { [name]: nowSeconds + 301 }))).rejects.toMatchObject({
        code: 'token_invalid',
        reason: `${name} is in the future`,
      })
  })

  test('refuses a genuine token for other APIs, and warns the operator once with both audiences', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const verifier = verifierOf(countingKeySet(key), { audience: 'reports-api' })
    const stranger = createSigningKey(key.kid)
    const attempts = [
      issueToken(stranger, { aud: ['forged'] }), // not signed by the issuer
      issueToken(key, { aud: ['forged'], iss: 'https://else.example.com' }),
      issueToken(key, { aud: ['my-api', 'my-web'] }),
      issueToken(key, { aud: 'another' }),
    ]
    for (const token of attempts) {
      const error = await verifier.verify(token).catch((refusal: AuthError) => refusal)
      expect(error).toMatchObject({ code: 'token_invalid' })
      expect((error as AuthError).message).not.toContain('my-api')
    }
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringContaining(
        "a token for my-api, my-web was refused here, because this verifier's audience is reports-api.",
      ),
    )
    warn.mockRestore()
  })

  test('a warning shows a limited part of an audience, without line breaks', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const refused = async (aud: unknown) => {
      await verifierOf(countingKeySet(key))
        .verify(issueToken(key, { aud }))
        .catch(() => {})
      return String(warn.mock.lastCall?.[0])
    }
    expect(await refused(['a\n\u001b[31mb'])).toContain('a token for a??[31mb was')
    expect((await refused(Array(1000).fill('x'.repeat(100)))).length).toBeLessThan(1000)
    expect(await refused({ toString: 1 })).toContain('a token for nobody was')
    expect(await refused(undefined)).toContain('a token for nobody was')
    expect(await refused('one')).toContain('a token for one was')
    expect(await refused(['one', 7, 'two'])).toContain('a token for one, two was')
    const names = Array.from({ length: 11 }, (_, index) => `api-${index}`)
    expect(await refused(names.slice(0, 10))).toContain(', api-9 was refused')
    expect(await refused(names)).toContain(', api-9 and others was refused')
    expect(await refused('x'.repeat(65))).toContain(`a token for ${'x'.repeat(64)} was`)
    warn.mockRestore()
  })

  test('iat, auth_time and nbf may be ahead by the clock tolerance, which does not apply to exp', async () => {
    const verifier = verifierOf(countingKeySet(key))
    for (const name of ['iat', 'auth_time', 'nbf']) {
      await expect(verifier.verify(issueToken(key, { [name]: nowSeconds + 5 }))).resolves.toBeDefined()
      await expect(verifier.verify(issueToken(key, { [name]: nowSeconds + 6 }))).rejects.toThrow(AuthError)
    }
    await expect(verifier.verify(issueToken(key, { nbf: 0 }))).resolves.toBeDefined()
    await expect(
      verifier.verify(issueToken(key, { iat: nowSeconds - 600, exp: nowSeconds })),
    ).rejects.toMatchObject({
      code: 'token_expired',
    })
  })
})
