import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { freshStore, waitedFor } from '../testing/stores.ts'
import { openStore } from './database.ts'
import { migrate } from './migrations.ts'
import { addRevocation } from './revocation.ts'
import { decideOnSigningKeys } from './signing-key.ts'

const fact = { sid: 'session-1', until: 1 }

async function open() {
  const store = await freshStore('PostgreSQL')
  const { database } = openStore(store.address)
  onTestFinished(() => database.destroy())
  await migrate(database)
  return { store, database }
}

test('on PostgreSQL, other processes are notified of revocations and key changes after the commit', async () => {
  const { store, database } = await open()
  const client = new pg.Client((store.options as { databaseUrl: string }).databaseUrl)
  await client.connect()
  onTestFinished(() => client.end())
  let told = 0
  client.on('notification', () => {
    told += 1
  })
  await client.query('listen sallyport')
  /** Returns the number of notifications so far. Those sent before a query arrive before its result. */
  const soFar = async () => {
    await client.query('select 1')
    return told
  }
  const calledOff = database.transaction().execute(async (transaction) => {
    await addRevocation(transaction, fact)
    throw new Error('called off')
  })
  await expect(calledOff).rejects.toThrow('called off')
  await decideOnSigningKeys(database, async () => null)
  expect(await soFar()).toBe(0)
  await addRevocation(database, fact)
  expect(await soFar()).toBe(1)
  await decideOnSigningKeys(database, async () => ({}))
  expect(await soFar()).toBe(2)
})

test('on PostgreSQL, an append to the revocation log waits for the commit of the previous one', async () => {
  const { store, database } = await open()
  let second: Promise<number> | undefined
  const first = await database.transaction().execute(async (transaction) => {
    const seq = await addRevocation(transaction, fact)
    second = database.transaction().execute((other) => addRevocation(other, fact))
    await waitedFor(store)
    return seq
  })
  expect(await second).toBe(first + 1)
})

test('on PostgreSQL, a decision about keys waits for the previous one, and not for the revocation log', async () => {
  const { store, database } = await open()
  const order: string[] = []
  let second: Promise<unknown> | undefined
  await decideOnSigningKeys(database, async () => {
    await database.transaction().execute((other) => addRevocation(other, fact))
    second = decideOnSigningKeys(database, async () => {
      order.push('second')
      return null
    })
    await waitedFor(store)
    order.push('first')
    return null
  })
  await second
  expect(order).toEqual(['first', 'second'])
})
