import { sql } from 'kysely'
import { type Database, isPostgres } from './database.ts'
import { channel } from './postgres.ts'

/**
 * The numbers of the locks. Only one transaction at a time can hold a lock. The numbers belong to Sallyport and are the same in every
 * version.
 */
const locks = { revocation: 7_255_901, signingKeys: 7_255_902 } as const
const keyedLocks = { oneTimeToken: 7_255_903 } as const

/**
 * Waits for a lock that all processes share, and holds it until the transaction is committed. SQLite needs no lock, because it has only one
 * writer at a time.
 */
export async function takeLock(transaction: Database, name: keyof typeof locks): Promise<void> {
  if (isPostgres(transaction)) await sql`select pg_advisory_xact_lock(${locks[name]})`.execute(transaction)
}

/**
 * Waits for the lock of one account or address, and holds it until the transaction is committed. So if two transactions replace data of the
 * same account, the second one sees the writes of the first. The lock is derived from `name` and `key`. Two keys may have the same lock by
 * chance. In this case their transactions wait for each other, and nothing else changes.
 */
export async function takeLockOn(transaction: Database, name: keyof typeof keyedLocks, key: string) {
  if (isPostgres(transaction))
    await sql`select pg_advisory_xact_lock(${keyedLocks[name]}, hashtext(${key}))`.execute(transaction)
}

/** Notifies the other processes that there is new data. They are notified when the transaction is committed. */
export async function notifyOthers(transaction: Database): Promise<void> {
  if (isPostgres(transaction)) await sql`select pg_notify(${channel}, '')`.execute(transaction)
}
