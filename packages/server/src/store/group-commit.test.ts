import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import { freshStore, storeKinds } from '../testing/stores.ts'
import { type Database, isDuplicate, migrate, openStore } from './database.ts'
import { inTransaction, writeTogether } from './group-commit.ts'
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
  const withoutWaiting = vi.spyOn(database, 'connection')
  await Promise.all(Array.from({ length: 60 }, (_, index) => add(`together-${index}`)))
  expect(begun).toHaveBeenCalledTimes(1)
  await add('alone')
  expect(begun).toHaveBeenCalledTimes(2)
  expect(await kids()).toHaveLength(61)
  // Nor is there anything left to do.
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  expect([begun.mock.calls.length, withoutWaiting.mock.calls.length]).toEqual([2, 0])
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

test.each(storeKinds)(
  'on %s, of transactions that come together, one that fails is taken back alone',
  async (kind) => {
    const { database, add, kids } = await opened(kind)
    await add('taken')
    const insert = (transaction: Database, kid: string) =>
      transaction.insertInto('signing_key').values(key(kid)).execute()
    const both = (...names: string[]) =>
      inTransaction(database, async (transaction) => {
        for (const name of names) await insert(transaction, name)
        return names.length
      })
    const answers = await Promise.allSettled([
      both('a', 'b'),
      both('c', 'taken'),
      inTransaction(database, async (transaction) => {
        await insert(transaction, 'd')
        throw new TypeError('a refusal')
      }),
      both('e'),
      add('f'),
    ])
    expect(answers.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
    ])
    expect(answers[0]).toMatchObject({ value: 2 })
    expect(isDuplicate((answers[1] as PromiseRejectedResult).reason)).toBe(true)
    expect(answers[2]).toMatchObject({ reason: new TypeError('a refusal') })
    expect(await kids()).toEqual(['a', 'b', 'e', 'f', 'taken'])
    await database.destroy()
  },
)

test('on SQLite, where the database itself has taken everything back, all of the group fail, with its reason', async () => {
  const { database, add, kids } = await opened('SQLite')
  // As a full disk does: https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
  const full = inTransaction(database, async (transaction) => {
    await sql`rollback`.execute(transaction)
    throw new Error('the disk is full')
  })
  const answers = await Promise.allSettled([add('one'), full, add('two')])
  expect(answers.map((answer) => answer.status === 'rejected' && answer.reason)).toEqual(
    Array(3).fill(new Error('the disk is full')),
  )
  expect(await kids()).toEqual([])
  await add('three')
  expect(await kids()).toEqual(['three'])
  await database.destroy()
})

test('on SQLite, a transaction alone is taken back when it fails, and leaves the next one a connection', async () => {
  const { database, kids } = await opened('SQLite')
  const failing = inTransaction(database, async (transaction) => {
    await transaction.insertInto('signing_key').values(key('one')).execute()
    throw new Error('stop')
  })
  await expect(failing).rejects.toThrow('stop')
  expect(await kids()).toEqual([])
  await database.destroy()
})

test('on SQLite, nothing waits for the disk where no write of the group is lasting, and the next lasting one does', async () => {
  const { database, kids } = await opened('SQLite')
  const levels: number[] = []
  const write = (kid: string, isLasting: boolean) =>
    inTransaction(
      database,
      async (transaction) => {
        const { rows } = await sql<{ synchronous: number }>`pragma synchronous`.execute(transaction)
        levels.push(Number(rows[0]?.synchronous))
        await transaction.insertInto('signing_key').values(key(kid)).execute()
        if (kid === 'bad') throw new Error('stop')
      },
      { isLasting },
    )
  const full = 2
  const normal = 1
  await write('a', false)
  await write('b', true)
  await write('c', false)
  await expect(write('bad', false)).rejects.toThrow('stop')
  await Promise.all([write('d', false), write('e', true)])
  expect(levels).toEqual([normal, full, normal, normal, full, full])
  const { rows } = await sql<{ synchronous: number }>`pragma synchronous`.execute(database)
  expect(rows).toEqual([{ synchronous: full }])
  expect(await kids()).toEqual(['a', 'b', 'c', 'd', 'e'])
  await database.destroy()
})
