import { describe, expect, it } from 'vitest'
import { accessTokenClaimsSchema, reservedClaims } from './claims.ts'
import {
  introspectRequestSchema,
  introspectResponseSchema,
  revocationSchema,
  revocationSnapshotSchema,
} from './revocation.ts'

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success

describe('an entry of the revocation log', () => {
  const entries = [
    { seq: 1, sid: 's-1', until: 5 },
    { seq: 1, sub: 'u-1', minVersion: 0, until: 5 },
    { seq: 1, kid: 'k-1', until: 5 },
  ]

  it.each(entries)('%j is accepted, and refused if a member is missing', (entry) => {
    expect(revocationSchema.parse(entry)).toEqual(entry)
    expect(revocationSnapshotSchema.parse({ revocations: [entry] })).toEqual({ revocations: [entry] })
    for (const name of Object.keys(entry))
      expect(accepts(revocationSchema, { ...entry, [name]: undefined }), name).toBe(false)
  })

  it.each(entries)('%j requires non-empty names and whole numbers', (entry) => {
    const wrong: Record<string, readonly unknown[]> = {
      seq: [0, -1, 1.5, '1'],
      until: [1.5, '1', null],
      sid: ['', 7],
      sub: ['', 7],
      kid: ['', 7],
      minVersion: [-1, 1.5, '1'],
    }
    for (const name of Object.keys(entry))
      for (const value of wrong[name] ?? [])
        expect(accepts(revocationSchema, { ...entry, [name]: value }), `${name}: ${value}`).toBe(false)
  })

  it('refuses a snapshot that is not a list of entries', () => {
    for (const value of [{}, { revocations: null }, { revocations: [{}] }, { revocations: {} }, []])
      expect(accepts(revocationSnapshotSchema, value)).toBe(false)
    expect(revocationSnapshotSchema.parse({ revocations: [] })).toEqual({ revocations: [] })
  })
})

describe('introspection', () => {
  it('accepts a token with or without a hint, and nothing else', () => {
    for (const body of [{ token: 't' }, { token: 't', token_type_hint: 'access_token' }])
      expect(introspectRequestSchema.parse(body)).toEqual(body)
    for (const body of [
      {},
      { token: '' },
      { token: 7 },
      { token: 't', token_type_hint: 7 },
      { token: 't', a: 1 },
    ])
      expect(accepts(introspectRequestSchema, body)).toBe(false)
  })

  it('answers `active: false`, or the claims of the token', () => {
    const least = { active: true, sub: 'u-1', sid: 's-1', exp: 1.5 }
    const all = {
      ...least,
      ...{ token_type: 'Bearer', iss: 'i', aud: ['a'], client_id: 'c', jti: 'j', iat: 1 },
      ...{ roles: ['member'], permissions: ['invoice:read'], org: 'acme' },
    }
    for (const body of [{ active: false }, least, all, { ...all, aud: 'a' }])
      expect(introspectResponseSchema.parse(body)).toEqual(body)
    // An inactive token has no claims.
    expect(introspectResponseSchema.parse({ active: false, sub: 'u-1' })).toEqual({ active: false })
    for (const body of [
      ...[{ active: undefined }, { active: 'true' }, { active: null }, { active: true }],
      ...Object.keys(least).map((name) => ({ ...least, [name]: undefined })),
      ...[{ sub: 7 }, { sid: 7 }, { exp: '1' }, { token_type: 'DPoP' }, { iss: 7 }, { aud: [7] }, { aud: 7 }],
      ...[{ client_id: 7 }, { jti: 7 }, { iat: '1' }, { roles: 'x' }, { roles: [7] }, { permissions: [7] }],
    ].map((body) => ('active' in body ? body : { ...least, ...body })))
      expect(accepts(introspectResponseSchema, body), JSON.stringify(body)).toBe(false)
  })
})

describe('the claims of an access token', () => {
  const claims = {
    ...{ iss: 'i', aud: ['a'], client_id: 'c', sub: 'u-1', sid: 's-1', ver: 0, jti: 'j' },
    ...{ iat: 0, exp: Number.MAX_SAFE_INTEGER, auth_time: 1, amr: ['pwd'], roles: [] },
    ...{ permissions: ['invoice:read'], org: 'acme' },
  }
  const optional = ['client_id', 'permissions', 'org']

  it('are all required except three, and unknown claims are removed', () => {
    expect(accessTokenClaimsSchema.parse({ ...claims, email: 'a@example.com' })).toEqual(claims)
    expect(accessTokenClaimsSchema.parse({ ...claims, aud: 'a' }).aud).toBe('a')
    for (const name of Object.keys(claims))
      expect(accepts(accessTokenClaimsSchema, { ...claims, [name]: undefined }), name).toBe(
        optional.includes(name),
      )
    for (const name of Object.keys(claims)) expect(reservedClaims.has(name), name).toBe(true)
  })

  it('have names of 1 to 255 characters, and times in whole seconds', () => {
    const name = ['', 7, 'x'.repeat(256)]
    const time = [-1, 1.5, '1', Number.MAX_SAFE_INTEGER + 1]
    const wrong: Record<string, readonly unknown[]> = {
      ...{ iss: ['', 7], aud: ['', [], [''], [7], 7], client_id: name, sub: name, sid: name, jti: name },
      ...{ org: name, ver: [-1, 1.5, '1'], iat: time, exp: time, auth_time: time },
      ...{ amr: ['pwd', [7]], roles: ['owner', [7]], permissions: ['x', [7]] },
    }
    expect(Object.keys(wrong).sort()).toEqual(Object.keys(claims).sort())
    for (const [member, values] of Object.entries(wrong))
      for (const value of values)
        expect(accepts(accessTokenClaimsSchema, { ...claims, [member]: value }), `${member}: ${value}`).toBe(
          false,
        )
    for (const member of ['client_id', 'sub', 'sid', 'jti', 'org'])
      expect(accepts(accessTokenClaimsSchema, { ...claims, [member]: 'x'.repeat(255) })).toBe(true)
  })
})
