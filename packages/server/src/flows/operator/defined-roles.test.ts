import { describe, expect, test } from 'vitest'
import { password, startSallyport } from '../../testing/sallyport.ts'
import { freshStore, storeKinds } from '../../testing/stores.ts'

const rolePermissions = { manager: ['report:read'], member: [] }
const message =
  'There is no role manger. Did you mean manager? SALLYPORT_ROLES defines manager, member. To define a role without permissions, give it an empty list.'
const bob = { email: 'bob@example.com', name: 'Bob', password }

describe.each(storeKinds)('roles that are not defined, on %s', (kind) => {
  async function start(changes: object) {
    const { options } = await freshStore(kind)
    const server = await startSallyport({ ...options, ...changes })
    const { id } = await server.addUser()
    return { users: server.sallyport.operator.users, id }
  }

  test('are refused with the nearest name, and nothing changes', async () => {
    const { users, id } = await start({ rolePermissions })
    const refused = { refusal: { details: { errors: [{ field: 'roles', message }] } } }
    await expect(users.setRoles(id, ['member', 'manger'])).rejects.toMatchObject(refused)
    await expect(users.create({ ...bob, roles: ['manger'] })).rejects.toMatchObject(refused)
    const row = { email: bob.email, roles: ['manger'] }
    for (const dryRun of [true, false])
      expect(await users.import([row], { dryRun })).toEqual([
        { state: 'refused', reason: `roles: ${message}` },
      ])
    expect(await users.find(bob.email)).toBeNull()
    expect((await users.find(id))?.roles).toEqual(['member'])

    await users.setRoles(id, ['manager'])
    expect((await users.find(id))?.roles).toEqual(['manager'])
    expect(await users.import([{ ...row, roles: ['member'] }])).toEqual([{ state: 'added' }])
  })

  test('include the names of Object.prototype', async () => {
    const { users, id } = await start({ rolePermissions })
    for (const role of ['constructor', '__proto__', 'toString'])
      await expect(users.setRoles(id, [role])).rejects.toMatchObject({ code: 'invalid_request' })
  })

  test('do not include the default role, even if SALLYPORT_ROLES does not name it', async () => {
    const { users, id } = await start({ rolePermissions: { manager: ['report:read'] } })
    await users.setRoles(id, ['manager', 'member'])
    expect((await users.find(id))?.roles).toEqual(['manager', 'member'])
  })

  test('are accepted if SALLYPORT_ROLES is not set', async () => {
    const { users, id } = await start({ rolePermissions: {} })
    await users.setRoles(id, ['manger'])
    expect((await users.find(id))?.roles).toEqual(['manger'])
  })
})
