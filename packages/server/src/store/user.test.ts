import { beforeEach, describe, expect, test } from 'vitest'
import { ada, bob, now, sharedDatabase } from '../testing/shared-database.ts'
import { everyStoreKind } from '../testing/stores.ts'
import {
  addUser,
  addUsers,
  changeEmail,
  findPasswordHash,
  findUserByEmail,
  findUserById,
  listUsers,
  listUsersWithHashes,
  lockUser,
  replacePassword,
  type StoredUser,
  setDisabled,
  setPassword,
  setRoles,
  takenEmails,
  upgradePasswordHash,
  verifyEmail,
} from './user.ts'
import { deleteDueUsers, findDueUsers, setDeletion } from './user-deletion.ts'

/** A user without a password. */
const carol: StoredUser = { ...ada, id: 'user-3', email: 'carol@example.com', name: 'Carol', fields: {} }

describe.each(everyStoreKind)('on %s', (kind) => {
  const database = sharedDatabase(kind)
  beforeEach(async () => {
    for (const user of [ada, bob]) await addUser(database(), user, `hash of ${user.name}`)
    await addUsers(database(), [{ user: carol, passwordHash: null }])
  })
  const find = (id: string) => findUserById(database(), id)
  const credentials = () =>
    database()
      .selectFrom('credential')
      .select(['userId', 'secret', 'createdAt', 'changedAt'])
      .orderBy('userId')
      .execute()
  const hashes = async () => (await credentials()).map(({ secret }) => secret)

  test('finds a user by id and by address, with the password hash if there is one', async () => {
    for (const user of [ada, bob, carol]) expect(await find(user.id)).toEqual(user)
    expect(await find('nobody')).toBeNull()
    expect(await findUserByEmail(database(), bob.email)).toEqual({ ...bob, passwordHash: 'hash of Bob' })
    expect(await findUserByEmail(database(), carol.email)).toEqual({ ...carol, passwordHash: null })
    expect(await findUserByEmail(database(), 'nobody@example.com')).toBeNull()
    expect(await findPasswordHash(database(), bob.id)).toBe('hash of Bob')
    expect(await findPasswordHash(database(), carol.id)).toBeNull()
    const rows = await database().selectFrom('user').select('fields').orderBy('id').execute()
    expect(rows.map(({ fields }) => fields)).toEqual([
      JSON.stringify(ada.fields),
      JSON.stringify(bob.fields),
      null,
    ])
  })

  test('lists users in pages, in the order of their ids', async () => {
    expect(await listUsers(database(), { after: null, limit: 2 })).toEqual([ada, bob])
    expect(await listUsers(database(), { after: ada.id, limit: 2 })).toEqual([bob, carol])
    const withHashes = [
      { ...ada, passwordHash: 'hash of Ada' },
      { ...bob, passwordHash: 'hash of Bob' },
      { ...carol, passwordHash: null },
    ]
    expect(await listUsersWithHashes(database(), { after: null, limit: 2 })).toEqual(withHashes.slice(0, 2))
    expect(await listUsersWithHashes(database(), { after: ada.id, limit: 5 })).toEqual(withHashes.slice(1))
    // The order in the table is another one.
    await addUsers(database(), [
      { user: { ...carol, id: 'user-0', email: 'zoe@example.com' }, passwordHash: null },
    ])
    const first = { after: null, limit: 1 }
    expect((await listUsers(database(), first)).map(({ id }) => id)).toEqual(['user-0'])
    expect((await listUsersWithHashes(database(), first)).map(({ id }) => id)).toEqual(['user-0'])
  })

  test('adds no user or password if the address is taken [A16]', async () => {
    expect(await addUser(database(), { ...bob, id: 'user-9' }, 'another hash')).toBe(false)
    expect(await hashes()).toEqual(['hash of Ada', 'hash of Bob'])
    expect(await addUser(database(), { ...ada, id: 'user-6', email: 'fay@example.com' }, 'hash of Fay')).toBe(
      true,
    )
    await database().deleteFrom('user').where('id', '=', 'user-6').execute()
    const dora = { ...ada, id: 'user-4', email: 'dora@example.com' }
    const emil = { ...ada, id: 'user-5', email: 'emil@example.com' }
    const added = await addUsers(database(), [
      { user: { ...bob, id: 'user-9' }, passwordHash: 'another hash' },
      { user: dora, passwordHash: 'hash of Dora' },
      { user: emil, passwordHash: null },
    ])
    expect(added.sort()).toEqual([dora.email, emil.email])
    expect(await hashes()).toEqual(['hash of Ada', 'hash of Bob', 'hash of Dora'])
    expect(await find('user-9')).toBeNull()
    expect(await addUsers(database(), [])).toEqual([])
    expect((await takenEmails(database(), [bob.email, 'nobody@example.com', dora.email])).sort()).toEqual([
      bob.email,
      dora.email,
    ])
    expect(await takenEmails(database(), [])).toEqual([])
  })

  test('verifies an address only while it is the user’s', async () => {
    expect(await verifyEmail(database(), ada.id, bob.email, now + 1)).toBeNull()
    expect(await verifyEmail(database(), ada.id, ada.email, now + 1)).toEqual({
      ...ada,
      emailVerifiedAt: now + 1,
    })
    expect(await find(bob.id)).toEqual(bob)
  })

  test('changes the address of one user, unless it is taken; other errors are thrown', async () => {
    expect(await changeEmail(database(), ada.id, bob.email, now + 1)).toBe(false)
    expect(await find(ada.id)).toEqual(ada)
    expect(await changeEmail(database(), ada.id, 'new@example.com', now + 1)).toBe(true)
    const moved = { email: 'new@example.com', emailVerifiedAt: now + 1, updatedAt: now + 1 }
    expect(await find(ada.id)).toEqual({ ...ada, ...moved })
    expect(await find(bob.id)).toEqual(bob)
    expect(await changeEmail(database(), 'nobody', 'newer@example.com', now)).toBe(false)
    await expect(changeEmail(database(), ada.id, null as unknown as string, now)).rejects.toThrow(/null/i)
  })

  test('deletes users at their time and not before, a limited number at once', async () => {
    await setDeletion(database(), ada.id, now + 1)
    expect(await find(bob.id)).toEqual(bob)
    const both = [ada.id, bob.id]
    expect(await findDueUsers(database(), now)).toEqual([])
    expect(await deleteDueUsers(database(), both, now)).toEqual([])
    expect(await findDueUsers(database(), now + 1)).toEqual([ada.id])
    expect(await deleteDueUsers(database(), both, now + 1)).toEqual([{ id: ada.id, email: ada.email }])
    expect(await find(ada.id)).toBeNull()
    await setDeletion(database(), bob.id, now + 1)
    await setDeletion(database(), bob.id, null)
    expect(await deleteDueUsers(database(), both, now + 1)).toEqual([])
    const many = Array.from({ length: 21 }, (_, at) => ({
      ...carol,
      id: `due-${at}`,
      email: `${at}@example.com`,
      deleteAt: now,
    }))
    await addUsers(
      database(),
      many.map((user) => ({ user, passwordHash: null })),
    )
    for (const atOnce of [20, 1]) {
      const due = await findDueUsers(database(), now)
      expect(due).toHaveLength(atOnce)
      expect(await deleteDueUsers(database(), due, now)).toHaveLength(atOnce)
    }
    expect(await listUsers(database(), { after: null, limit: 9 })).toEqual([bob, carol])
  })

  test('changes of one user do not change others', async () => {
    expect(await lockUser(database(), ada.id, { signedInAt: now + 1 })).toBe(true)
    expect(await lockUser(database(), 'nobody', { signedInAt: now + 1 })).toBe(false)
    await setDisabled(database(), ada.id, now + 2)
    expect(await find(ada.id)).toEqual({ ...ada, signedInAt: now + 1, disabledAt: now + 2 })
    await setDisabled(database(), ada.id, null)
    expect((await find(ada.id))?.disabledAt).toBeNull()
    for (const user of [bob, carol]) expect(await find(user.id)).toEqual(user)
  })

  test('replaces roles with one revocation, and with the further work or not at all', async () => {
    const noted: unknown[] = []
    const set = (id: string, alongside: () => Promise<void>) =>
      setRoles(database(), id, ['member'], { now: now + 1, until: now + 60 }, alongside)
    const log = () => database().selectFrom('revocation').select(['sub', 'minVersion', 'until']).execute()
    expect(await set('nobody', async () => void noted.push('nobody'))).toBe(false)
    const failing = async () => {
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error('the audit log is full')
    }
    await expect(set(ada.id, failing)).rejects.toThrow('the audit log is full')
    expect([await find(ada.id), await log(), noted]).toEqual([ada, [], []])
    expect(await set(ada.id, async () => void noted.push('Ada'))).toBe(true)
    expect(await find(ada.id)).toEqual({
      ...ada,
      roles: ['member'],
      version: ada.version + 1,
      updatedAt: now + 1,
    })
    expect(await find(bob.id)).toEqual(bob)
    expect(await log()).toEqual([{ sub: ada.id, minVersion: ada.version + 1, until: now + 60 }])
    expect(noted).toEqual(['Ada'])
  })

  test('sets or replaces the password of one user, and keeps its creation time', async () => {
    await setPassword(database(), carol.id, 'first', now + 1)
    await setPassword(database(), ada.id, 'second', now + 2)
    expect(await credentials()).toEqual([
      { userId: ada.id, secret: 'second', createdAt: now, changedAt: now + 2 },
      { userId: bob.id, secret: 'hash of Bob', createdAt: now, changedAt: now },
      { userId: carol.id, secret: 'first', createdAt: now + 1, changedAt: now + 1 },
    ])
  })

  test('replaces a password or its hash only if it is the one that was checked, for one user', async () => {
    await setPassword(database(), bob.id, 'hash of Ada', now)
    const change = { to: 'new', now: now + 1 }
    expect(await replacePassword(database(), ada.id, { from: 'older', ...change })).toBe(false)
    expect(await hashes()).toEqual(['hash of Ada', 'hash of Ada'])
    expect(await replacePassword(database(), ada.id, { from: 'hash of Ada', ...change })).toBe(true)
    expect(await hashes()).toEqual(['new', 'hash of Ada'])
    expect(await upgradePasswordHash(database(), bob.id, 'older', 'better')).toBe(false)
    expect(await upgradePasswordHash(database(), bob.id, 'hash of Ada', 'better')).toBe(true)
    expect(await credentials()).toEqual([
      { userId: ada.id, secret: 'new', createdAt: now, changedAt: now + 1 },
      // The same password, with its earlier time.
      { userId: bob.id, secret: 'better', createdAt: now, changedAt: now },
    ])
  })

  test('disables one user, and upgrades the hash of one user, and no other', async () => {
    await setPassword(database(), bob.id, 'hash of Ada', now)
    await setDisabled(database(), ada.id, now + 2)
    const disabled = async () =>
      (await Promise.all([ada.id, bob.id, carol.id].map(find))).map((user) => user?.disabledAt)
    expect(await disabled()).toEqual([now + 2, null, null])
    await setDisabled(database(), bob.id, now + 3)
    await setDisabled(database(), ada.id, null)
    expect(await disabled()).toEqual([null, now + 3, null])
    expect(await upgradePasswordHash(database(), ada.id, 'hash of Ada', 'better')).toBe(true)
    expect((await credentials()).map(({ secret }) => secret)).toEqual(['better', 'hash of Ada'])
  })
})
