import { beforeEach, describe, expect, test } from 'vitest'
import { ada, bob, now, sharedDatabase } from '../testing/shared-database.ts'
import { everyStoreKind } from '../testing/stores.ts'
import { changeProfile } from './profile.ts'
import { listRoleSets } from './role-set.ts'
import { addUser, findUserById, rowOf } from './user.ts'

describe.each(everyStoreKind)('on %s', (kind) => {
  const database = sharedDatabase(kind)
  beforeEach(async () => {
    for (const user of [ada, bob]) await addUser(database(), user, 'hash')
  })
  type Change = Parameters<typeof changeProfile>[2]
  const change = (id: string, to: Change) => changeProfile(database(), id, to, now + 1)

  test.each<[string, Change, Partial<typeof ada>]>([
    ['a name', { name: 'Ada L.' }, { name: 'Ada L.' }],
    ['a field', { fields: { seats: 4 } }, { fields: { company: 'Ledgerline', seats: 4 } }],
    ['a field that is cleared', { fields: { company: null } }, { fields: { seats: 3 } }],
    ['all fields cleared', { fields: { company: null, seats: null } }, { fields: {} }],
    [
      'fields that are empty but not cleared',
      { fields: { company: '', seats: 0 } },
      { fields: { company: '', seats: 0 } },
    ],
    ['nothing', {}, {}],
  ])('changes %s of one user, and nothing else', async (_, to, changed) => {
    const expected = { ...ada, updatedAt: now + 1, ...changed }
    expect(await change(ada.id, to)).toEqual(expected)
    expect(await findUserById(database(), ada.id)).toEqual(expected)
    expect(await findUserById(database(), bob.id)).toEqual(bob)
  })

  test('returns null for an unknown user', async () => {
    expect(await change('nobody', { name: 'Mallory' })).toBeNull()
  })

  test('counts the users of long lists of roles, longest first', async () => {
    const roles = (id: string, names: string[]) =>
      addUser(database(), { ...ada, id, email: `${id}@example.com`, roles: names }, 'hash')
    await roles('three', ['member'])
    await roles('four', ['an-office-of-some-length', 'member', 'owner'])
    const long = { roles: ['an-office-of-some-length', 'member', 'owner'], users: 1 }
    const two = { roles: ada.roles, users: 2 }
    const length = JSON.stringify(ada.roles).length
    expect(await listRoleSets(database(), 0)).toEqual([long, two, { roles: ['member'], users: 1 }])
    expect(await listRoleSets(database(), length - 1)).toEqual([long, two])
    expect(await listRoleSets(database(), length)).toEqual([long])
  })

  test('returns at most the longest thousand lists of roles', async () => {
    const row = rowOf({ ...ada, id: 'longest', email: 'longest@example.com', roles: ['x'.repeat(99)] })
    const many = Array.from({ length: 1_000 }, (_, at) => ({
      ...row,
      id: `many-${at}`,
      email: `many-${at}@example.com`,
      roles: JSON.stringify([`an-office-of-some-length-${at}`]),
    }))
    await database()
      .insertInto('user')
      .values([...many, row])
      .execute()
    const sets = await listRoleSets(database(), JSON.stringify(ada.roles).length)
    expect(sets).toHaveLength(1_000)
    expect(sets[0]).toEqual({ roles: ['x'.repeat(99)], users: 1 })
  })
})
