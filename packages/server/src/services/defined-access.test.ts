import { defineAccess } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import { createVerifier } from '@sallyport/verify'
import { expect, test } from 'vitest'
import { claimsOf, password, startSallyport, testOptions } from '../testing/sallyport.ts'

const many = Array.from({ length: 200 }, (_, at) => `project-${at}:read`)
const access = defineAccess({
  permissions: ['invoice:read', ...many],
  roles: { owner: '*', member: ['invoice:read'] },
})

/** A server with a definition instead of SALLYPORT_ROLES, and a user with these roles. */
async function started(roles: string[], options = {}) {
  const server = await startSallyport({ rolePermissions: undefined, ...options }, undefined, { access })
  const { id } = await server.addUser()
  await server.sallyport.operator.users.setRoles(id, roles)
  return { server, id, ...(await server.signIn()) }
}

test('the definition gives tokens their permissions, and its roles are the only ones', async () => {
  const { server, id, accessToken } = await started(['member'])
  expect(claimsOf(accessToken)).toMatchObject({ roles: ['member'], permissions: ['invoice:read'] })
  expect(claimsOf(accessToken)).not.toHaveProperty('permissions_of')
  const refused = await server.sallyport.operator.users.setRoles(id, ['ownr']).catch((error) => error)
  expect(JSON.stringify(refused)).toContain('There is no role ownr. Did you mean owner?')
})

test('if the permissions do not fit into a token, a verifier with the definition takes them from it', async () => {
  const { server, accessToken } = await started(['owner'])
  const claims = claimsOf(accessToken)
  expect(claims).toMatchObject({ roles: ['owner'], permissions_of: 'roles' })
  expect(claims).not.toHaveProperty('permissions')
  const permissionsAt = async (definition?: typeof access) => {
    const verifier = createVerifier({
      ...{ issuer: testOptions.issuer, audience: 'billing-api', feed: false, clock: server.clock },
      fetch: async (input) => server.get(new URL(String(input)).pathname),
      ...(definition && { access: definition }),
    })
    return (await verifier.verify(accessToken)).permissions
  }
  expect(await permissionsAt(access)).toEqual(access.permissions)
  expect(await permissionsAt()).toEqual([])
  const { permissions, ...answer } = (await (await server.introspect(accessToken)).json()) as {
    permissions: string[]
  }
  expect(permissions).toEqual(access.permissions)
  expect(answer).not.toHaveProperty('permissions_of')
})

test('a user who lacks permissions until the address is verified does not get them from the definition', async () => {
  const options = { emailVerification: 'permissions', developmentInbox: true } as const
  const server = await startSallyport(
    { ...options, rolePermissions: undefined, verifiedPermissions: 'invoice:read' },
    undefined,
    { access },
  )
  const details = { email: 'ada@example.com', password, name: 'Ada', transport: 'bearer' }
  const { user } = (await (await server.post(paths.signUp, details)).json()) as { user: { id: string } }
  await server.sallyport.operator.users.setRoles(user.id, ['owner'])
  const { accessToken } = await server.signIn()
  const claims = claimsOf(accessToken)
  expect(claims).not.toHaveProperty('permissions')
  expect(claims).not.toHaveProperty('permissions_of')
  expect(server.logLines.join('\n')).toContain('"leftOut":"permissions"')
})

test('a definition and SALLYPORT_ROLES together, or a wrong definition, stop the start', async () => {
  await expect(startSallyport({}, undefined, { access })).rejects.toThrow(
    'SALLYPORT_ROLES is set, but the configuration has `access`',
  )
  const wrong = { permissions: ['a'], roles: { owner: ['b'] } }
  await expect(startSallyport({ rolePermissions: undefined }, undefined, { access: wrong })).rejects.toThrow(
    '`access`: The role owner has "b"',
  )
  await expect(
    startSallyport({ rolePermissions: undefined, defaultRoles: 'nobody' }, undefined, { access }),
  ).rejects.toThrow('SALLYPORT_DEFAULT_ROLES: There is no role nobody.')
})
