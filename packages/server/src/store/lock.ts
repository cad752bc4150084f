import { sql } from 'kysely'
import { type Database, isPostgres } from './database.ts'
import { channel } from './postgres.ts'

/** Locks that one transaction at a time may hold. The numbers are specific to Sallyport, and the same in every version. */
const locks = { revocation: 7_255_901, signingKeys: 7_255_902 } as const
const keyedLocks = { oneTimeToken: 7_255_903 } as const

/**
 * Waits for a lock, across all processes, and holds it until the transaction is committed. SQLite has only one writer at a time, so it needs no
 * lock.
 */
export async function takeLock(transaction: Database, name: keyof typeof locks): Promise<void> {
  if (isPostgres(transaction)) await sql`select pg_advisory_xact_lock(${locks[name]})`.execute(transaction)
}

/**
 * The same for one account or address: of two transactions that replace something of it, the second sees the writes of the first. The lock is
 * derived from `name` and `key`. Two keys may share a lock, and then only wait for each other.
 */
export async function takeLockOn(transaction: Database, name: keyof typeof keyedLocks, key: string) {
  if (isPostgres(transaction))
    await sql`select pg_advisory_xact_lock(${keyedLocks[name]}, hashtext(${key}))`.execute(transaction)
}

/** Notifies the other processes of new data, after the transaction is committed. */
export async function notifyOthers(transaction: Database): Promise<void> {
  if (isPostgres(transaction)) await sql`select pg_notify(${channel}, '')`.execute(transaction)
}
