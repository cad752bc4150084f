import { beforeEach, describe, expect, test } from 'vitest'
import { ada, bob, now, sharedDatabase } from '../testing/shared-database.ts'
import { everyStoreKind } from '../testing/stores.ts'
import {
  addPendingHook,
  dropPendingHooks,
  finishPendingHook,
  postponePendingHook,
  takePendingHook,
} from './pending-hook.ts'
import { addUser } from './user.ts'

describe.each(everyStoreKind)('on %s', (kind) => {
  const database = sharedDatabase(kind)
  beforeEach(async () => {
    for (const user of [ada, bob]) await addUser(database(), user, 'hash')
  })
  const add = (userId: string, dueAt: number) => addPendingHook(database(), userId, dueAt)
  const take = (at: number) => takePendingHook(database(), { now: at, heldUntil: at + 100 })
  const all = () => database().selectFrom('pending_hook').selectAll().orderBy('userId').execute()

  test('reserves the call that has been due longest, and counts it', async () => {
    await add(ada.id, now + 2)
    await add(bob.id, now + 1)
    expect(await take(now)).toBeNull()
    expect(await take(now + 2)).toEqual({ userId: bob.id, attempts: 1, dueAt: now + 102 })
    expect(await take(now + 2)).toEqual({ userId: ada.id, attempts: 1, dueAt: now + 102 })
    expect(await take(now + 101)).toBeNull()
    expect((await take(now + 102))?.attempts).toBe(2)
  })

  test('postpones, finishes or drops one call, and no other', async () => {
    await add(ada.id, now)
    await add(bob.id, now)
    await postponePendingHook(database(), ada.id, now + 5)
    expect(await all()).toEqual([
      { userId: ada.id, attempts: 0, dueAt: now + 5 },
      { userId: bob.id, attempts: 0, dueAt: now },
    ])
    await dropPendingHooks(database(), now)
    expect(await all()).toHaveLength(2)
    await dropPendingHooks(database(), now + 1)
    expect(await all()).toMatchObject([{ userId: ada.id }])
    await add(bob.id, now)
    await finishPendingHook(database(), ada.id)
    expect(await all()).toMatchObject([{ userId: bob.id }])
  })
})
