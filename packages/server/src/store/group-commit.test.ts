import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import { everyStoreKind, freshStore } from '../testing/stores.ts'
import { type Database, isDuplicate, openStore } from './database.ts'
import { inTransaction, writeTogether } from './group-commit.ts'
import { migrate } from './migrations.ts'
import type { SigningKeyRow } from './row-types.ts'

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

async function opened(kind: (typeof everyStoreKind)[number]) {
  const { address } = await freshStore(kind)
  const { database } = openStore(address)
  await migrate(database)
  const add = (kid: string) =>
    writeTogether(database, (group) => group.insertInto('signing_key').values(key(kid)).execute())
  const kids = async () =>
    (await database.selectFrom('signing_key').select('kid').orderBy('kid').execute()).map(({ kid }) => kid)
  return { database, add, kids }
}

test.each(everyStoreKind)(
  'on %s, each of many concurrent writes is visible when its promise resolves',
  async (kind) => {
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
  },
)

test('on SQLite, concurrent writes share one wait for the disk, and a later one waits alone', async () => {
  const { database, add, kids } = await opened('SQLite')
  const begun = vi.spyOn(database, 'transaction')
  const withoutWaiting = vi.spyOn(database, 'connection')
  await Promise.all(Array.from({ length: 60 }, (_, index) => add(`together-${index}`)))
  expect(begun).toHaveBeenCalledTimes(1)
  await add('alone')
  expect(begun).toHaveBeenCalledTimes(2)
  expect(await kids()).toHaveLength(61)
  // No work is left.
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  expect([begun.mock.calls.length, withoutWaiting.mock.calls.length]).toEqual([2, 0])
  await database.destroy()
})

test('on SQLite, a group that fails rejects each of its writes and leaves no rows; the next works', async () => {
  const { database, add, kids } = await opened('SQLite')
  await add('taken')
  const answers = await Promise.allSettled([add('one'), add('taken'), add('two')])
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  expect(await kids()).toEqual(['taken'])
  await add('one')
  expect(await kids()).toEqual(['one', 'taken'])
  await database.destroy()
})

test.each(everyStoreKind)(
  'on %s, of concurrent transactions, one that fails is rolled back alone',
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

test('on SQLite, if the database rolls back everything, the whole group fails with that error', async () => {
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

test('on SQLite, a single transaction that fails is rolled back and frees the connection', async () => {
  const { database, kids } = await opened('SQLite')
  const failing = inTransaction(database, async (transaction) => {
    await transaction.insertInto('signing_key').values(key('one')).execute()
    throw new Error('stop')
  })
  await expect(failing).rejects.toThrow('stop')
  expect(await kids()).toEqual([])
  await database.destroy()
})

test('on SQLite, a group without lasting writes does not wait for the disk; the next lasting write does', async () => {
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
