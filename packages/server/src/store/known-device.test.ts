import { beforeEach, describe, expect, test } from 'vitest'
import { ada, bob, now, sharedDatabase } from '../testing/shared-database.ts'
import { everyStoreKind } from '../testing/stores.ts'
import { dropDevicesOf, isKnownDevice, noteDevice } from './known-device.ts'
import { addUser } from './user.ts'

describe.each(everyStoreKind)('on %s', (kind) => {
  const database = sharedDatabase(kind)
  beforeEach(async () => {
    for (const user of [ada, bob]) await addUser(database(), user, 'hash')
  })
  const note = (userId: string, hashes: string[], at = now, most = 9) =>
    noteDevice(database(), { userId, hashes, now: at, most })
  const known = async (userId: string, ...hashes: string[]) => isKnownDevice(database(), userId, hashes)
  const hashes = async () =>
    (await database().selectFrom('known_device').select(['userId', 'hash']).orderBy('hash').execute()).map(
      ({ userId, hash }) => `${userId} ${hash}`,
    )

  test('a device is known only to the account that signed in on it [A05]', async () => {
    expect(await note(ada.id, ['a'])).toBe(0)
    expect(await note(bob.id, ['b'])).toBe(0)
    expect(await note(ada.id, ['c'])).toBe(1)
    expect([await known(ada.id, 'a'), await known(ada.id, 'b', 'c'), await known(ada.id, 'b')]).toEqual([
      true,
      true,
      false,
    ])
    expect(await known(bob.id, 'a')).toBe(false)
    expect(await known('', 'a')).toBe(false)
  })

  test('while a secret is replaced, a device moves to the hash under the new one, for that account only', async () => {
    await note(ada.id, ['old'])
    await note(bob.id, ['old'])
    await note(ada.id, ['other'])
    expect(await note(ada.id, ['new', 'old'])).toBe(1)
    expect(await hashes()).toEqual(['user-1 new', 'user-2 old', 'user-1 other'])
  })

  test('the devices used longest ago are removed, and none of other accounts', async () => {
    await note(bob.id, ['second'], now - 9)
    for (const [at, hash] of ['first', 'second', 'third'].entries()) await note(ada.id, [hash], now + at)
    await note(ada.id, ['first'], now + 5)
    expect(await note(ada.id, ['fourth'], now + 6, 3)).toBe(3)
    expect(await hashes()).toEqual(['user-1 first', 'user-1 fourth', 'user-2 second', 'user-1 third'])
    await dropDevicesOf(database(), ada.id)
    expect(await hashes()).toEqual(['user-2 second'])
  })
})
