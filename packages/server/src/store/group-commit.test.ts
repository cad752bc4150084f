import { expect, test, vi } from 'vitest'
import { freshStore, storeKinds } from '../testing/stores.ts'
import { migrate, openStore } from './database.ts'
import { writeTogether } from './group-commit.ts'
import type { SigningKeyRow } from './schema.ts'

const key = (kid: string): SigningKeyRow => ({
  kid,
  algorithm: 'ES256',
  publicJwk: '{}',
  sealedPrivateKey: '',
  createdAt: 0,
  activeAt: 0,
  retiredAt: null,
  revokedAt: null,
})

async function opened(kind: (typeof storeKinds)[number]) {
  const { address } = await freshStore(kind)
  const { database } = openStore(address)
  await migrate(database)
  const add = (kid: string) =>
    writeTogether(database, (group) => group.insertInto('signing_key').values(key(kid)).execute())
  const kids = async () =>
    (await database.selectFrom('signing_key').select('kid').orderBy('kid').execute()).map(({ kid }) => kid)
  return { database, add, kids }
}

test.each(storeKinds)('on %s, each of many writes at once is done when it is answered', async (kind) => {
  const { database, add, kids } = await opened(kind)
  const names = Array.from({ length: 150 }, (_, index) => `key-${String(index).padStart(3, '0')}`)
  await Promise.all(
    names.map(async (name) => {
      await add(name)
      expect(await kids()).toContain(name)
    }),
  )
  expect(await kids()).toEqual(names)
  await database.destroy()
})

test('on SQLite, writes that come together wait for the disk together, and a later one for itself', async () => {
  const { database, add, kids } = await opened('SQLite')
  const begun = vi.spyOn(database, 'transaction')
  await Promise.all(Array.from({ length: 60 }, (_, index) => add(`together-${index}`)))
  expect(begun).toHaveBeenCalledTimes(1)
  await add('alone')
  expect(begun).toHaveBeenCalledTimes(2)
  expect(await kids()).toHaveLength(61)
  await database.destroy()
})

test('on SQLite, a group that fails is answered so to each of its writes, and leaves nothing; the next goes well', async () => {
  const { database, add, kids } = await opened('SQLite')
  await add('taken')
  const answers = await Promise.allSettled([add('one'), add('taken'), add('two')])
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  expect(await kids()).toEqual(['taken'])
  await add('one')
  expect(await kids()).toEqual(['one', 'taken'])
  await database.destroy()
})
