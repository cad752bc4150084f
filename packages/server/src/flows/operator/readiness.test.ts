import { describe, expect, onTestFinished, test } from 'vitest'
import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { openStore } from '../../store/database.ts'
import { startSallyport } from '../../testing/sallyport.ts'
import { freshStore } from '../../testing/stores.ts'
import { asRefusal, requireReadiness } from './readiness.ts'

const refused = (code: string) => Object.assign(new Error('the store says no'), { code })

describe('whether a process can issue tokens', () => {
  async function started() {
    const store = await freshStore('SQLite')
    await startSallyport(store.options)
    const { database } = openStore(store.address)
    onTestFinished(() => database.destroy())
    const calls = { errors: 0 }
    const metrics = {
      countDatabaseError() {
        calls.errors += 1
      },
    }
    const context = { database, metrics } as unknown as Context
    const ready = () =>
      requireReadiness(context).then(
        () => true,
        ({ code, refusal }: FlowError) => [code, refusal.retryAfterSeconds, refusal.reason],
      )
    const forbidWrites = () =>
      store.query(
        `create trigger no_writes before update on signing_key begin select raise(abort, 'no'); end`,
      )
    const allowWrites = () => store.query('drop trigger no_writes')
    return { store, context, ready, calls, forbidWrites, allowWrites }
  }

  test('is true if the store answers and holds a key', async () => {
    const { store, ready, calls, forbidWrites } = await started()
    await forbidWrites()
    expect(await ready()).toBe(true)
    await store.query('delete from signing_key')
    expect(await ready()).toEqual(['unavailable', 1, 'there is no key'])
    expect(calls.errors).toBe(0)
    await store.query('alter table signing_key rename to away')
    expect(await ready()).toEqual(['unavailable', 1, 'the database does not answer'])
    expect(calls.errors).toBe(1)
  })

  test('needs a successful write after one that failed', async () => {
    const { context, ready, forbidWrites, allowWrites } = await started()
    await forbidWrites()
    expect(asRefusal(refused('SQLITE_FULL'), context)).toMatchObject({
      code: 'unavailable',
      refusal: { retryAfterSeconds: 1, reason: 'the database cannot be written' },
    })
    expect(await ready()).toEqual(['unavailable', 1, 'the database cannot be written'])
    await allowWrites()
    expect(await ready()).toBe(true)
    await forbidWrites()
    expect(await ready()).toBe(true)
  })

  test('needs no write after a busy store or another error', async () => {
    const { context, ready, forbidWrites } = await started()
    await forbidWrites()
    const busy = asRefusal(refused('SQLITE_BUSY'), context)
    expect(busy).toBeInstanceOf(FlowError)
    expect(busy).toMatchObject({ code: 'unavailable', refusal: { reason: 'the database is busy' } })
    const fault = new Error('a fault')
    expect(asRefusal(fault, context)).toBe(fault)
    expect(await ready()).toBe(true)
  })
})
