import { describe, expect, test } from 'vitest'
import { now, sharedDatabase } from '../testing/shared-database.ts'
import { everyStoreKind } from '../testing/stores.ts'
import {
  addSecret,
  dropSecret,
  dropSecrets,
  dropSecretsBut,
  listSecrets,
  noteSecretUse,
  setFormerKeys,
} from './secret.ts'

describe.each(everyStoreKind)('on %s', (kind) => {
  const database = sharedDatabase(kind)
  const add = (id: string, createdAt = now) => addSecret(database(), { id, createdAt, usedAt: createdAt })
  const ids = async () => (await listSecrets(database())).map(({ id }) => id)

  test('lists secrets oldest first, each stored once with its last use and its keys', async () => {
    await add('c')
    await add('b')
    await add('z', now - 1)
    expect(await ids()).toEqual(['z', 'b', 'c'])
    await noteSecretUse(database(), 'b', now + 5)
    await noteSecretUse(database(), 'b', now + 4)
    await setFormerKeys(database(), 'c', { formerKeys: 'sealed', carriedAt: now + 6 })
    await addSecret(database(), { id: 'c', createdAt: now + 9, usedAt: now + 9 })
    expect(await listSecrets(database())).toEqual([
      { id: 'z', createdAt: now - 1, usedAt: now - 1, formerKeys: null, carriedAt: null },
      { id: 'b', createdAt: now, usedAt: now + 5, formerKeys: null, carriedAt: null },
      { id: 'c', createdAt: now, usedAt: now, formerKeys: 'sealed', carriedAt: now + 6 },
    ])
  })

  test('deletes one, all but one, and those whose keys were stored and not used since a time', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) await add(id)
    await dropSecret(database(), 'a')
    expect(await ids()).toEqual(['b', 'c', 'd', 'e'])
    for (const id of ['b', 'c']) await setFormerKeys(database(), id, { formerKeys: 'sealed', carriedAt: now })
    await setFormerKeys(database(), 'd', { formerKeys: 'sealed', carriedAt: now + 1 })
    await noteSecretUse(database(), 'b', now + 1)
    await dropSecrets(database(), now)
    expect(await ids()).toEqual(['b', 'c', 'd', 'e'])
    await dropSecrets(database(), now + 1)
    expect(await ids()).toEqual(['b', 'd', 'e'])
    await dropSecretsBut(database(), 'e')
    expect(await ids()).toEqual(['e'])
  })
})
