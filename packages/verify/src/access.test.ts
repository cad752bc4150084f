import { describe, expect, test } from 'vitest'
import { defineAccess } from './access.ts'
import { requireAuth as requireInExpress } from './adapters/express.ts'
import { requireAuth as requireInFastify } from './adapters/fastify.ts'
import { withAuth } from './adapters/fetch.ts'
import { requireAuth as requireInHono } from './adapters/hono.ts'
import { audience, createSigningKey, issuer, issueToken, now } from './testing/issuer.ts'
import { countingKeySet, verifierOf } from './testing/verifier.ts'
import { createVerifier } from './verifier.ts'

const key = createSigningKey('key-1')
const access = defineAccess({
  permissions: ['invoice:read', 'report:read'],
  roles: { owner: '*', member: ['invoice:read'] },
})
const verifier = createVerifier({ issuer, audience, access, keySet: countingKeySet(key), clock: () => now })

describe('with a definition', () => {
  test('a guard for a name that is not defined neither compiles nor is created', () => {
    const handler = () => new Response()
    // @ts-expect-error The permission is misspelt.
    expect(() => requireInExpress(verifier, { permission: 'report:raed' })).toThrow(
      'There is no permission "report:raed". Did you mean report:read?',
    )
    // @ts-expect-error The role is not defined.
    expect(() => requireInFastify(verifier, { role: 'admin' })).toThrow('There is no role "admin".')
    // @ts-expect-error One permission of the list is not defined.
    expect(() => requireInHono(verifier, { permission: ['report:read', 'x'] })).toThrow(
      'There is no permission "x".',
    )
    // @ts-expect-error Members that every object inherits are not defined.
    expect(() => withAuth(verifier, { role: 'constructor' }, handler)).toThrow(TypeError)
    requireInExpress(verifier, { role: ['owner', 'member'], permission: 'report:read' })
  })

  test('guards of a verifier without a definition accept every name', () => {
    requireInExpress(verifierOf(countingKeySet(key)), { permission: 'report:raed' })
  })

  test.each([
    ['the listed permissions', { permissions: ['x:y'], permissions_of: 'roles' }, ['x:y']],
    ['no permissions without a claim', {}, []],
    [
      'those of the roles, if the issuer says so',
      { permissions_of: 'roles' },
      ['invoice:read', 'report:read'],
    ],
    ['no permissions for another word', { permissions_of: 'all' }, []],
  ] as const)('a token has %s', async (_, claims, permissions) => {
    const token = issueToken(key, { roles: ['member', 'owner', 'stranger'], ...claims })
    const principal = await verifier.verify(token)
    expect(principal.permissions).toEqual(permissions)
    expect(principal).not.toHaveProperty('claims')
    expect(Object.isFrozen(principal.permissions)).toBe(true)
  })

  test('without a definition, a token has no permissions of its roles', async () => {
    const token = issueToken(key, { roles: ['owner'], permissions_of: 'roles' })
    expect((await verifierOf(countingKeySet(key)).verify(token)).permissions).toEqual([])
  })

  test('a wrong definition stops the start', () => {
    const wrong = { permissions: ['a'], roles: { owner: ['b'] } }
    expect(() => verifierOf(countingKeySet(key), { access: wrong })).toThrow(
      /^`access`: The role owner has "b"/,
    )
    expect(() => verifierOf(countingKeySet(key), { access: null as never })).toThrow(/^`access`: /)
  })

  test('a second definition shares keys, revocations and the cache with the first verifier', async () => {
    const keySet = countingKeySet(key)
    const first = verifierOf(keySet)
    const second = first.withAccess(access)
    const token = issueToken(key, { roles: ['member'], permissions_of: 'roles' })
    expect((await first.verify(token)).permissions).toEqual([])
    const principal = await second.verify(token)
    expect(principal.permissions).toEqual(['invoice:read'])
    expect(await second.verify(token)).toBe(principal)
    expect(await second.authenticate({ headers: { authorization: `Bearer ${token}` } })).toBe(principal)
    expect(second.versionOf(principal)).toBe(first.versionOf(await first.verify(token)))
    expect(() => requireInExpress(second, { permission: 'report:raed' as never })).toThrow(TypeError)

    const listed = issueToken(key, { roles: ['owner'], permissions: ['x:y'] })
    expect(await second.verify(listed)).toBe(await first.verify(listed))
    second.revokeLocally({ sid: principal.sessionId })
    await expect(first.verify(token)).rejects.toMatchObject({ code: 'session_ended' })
    await expect(second.verify(token)).rejects.toMatchObject({ code: 'session_ended' })
    expect(() => first.withAccess({ permissions: ['a'], roles: { owner: ['b'] } })).toThrow(TypeError)
  })
})
