import { sql } from 'kysely'
import { type Database, isPostgres } from './database.ts'
import { channel } from './postgres.ts'

/** What only one transaction at a time may decide. The numbers are this product's own, and the same in every version. */
const locks = { revocation: 7_255_901, signingKeys: 7_255_902 } as const
const keyedLocks = { oneTimeToken: 7_255_903 } as const

/**
 * Waits until no other transaction, of whatever process, holds this lock; it is held until the transaction has been committed and
 * can be seen. SQLite has one writer at a time anyway.
 */
export async function takeLock(transaction: Database, name: keyof typeof locks): Promise<void> {
  if (isPostgres(transaction)) await sql`select pg_advisory_xact_lock(${locks[name]})`.execute(transaction)
}

/**
 * The same for one account or address: of two transactions that replace something of its, the second sees what the first has written.
 * `name` and `key` together; two keys may share a lock, which only makes one wait.
 */
export async function takeLockOn(transaction: Database, name: keyof typeof keyedLocks, key: string) {
  if (isPostgres(transaction))
    await sql`select pg_advisory_xact_lock(${keyedLocks[name]}, hashtext(${key}))`.execute(transaction)
}

/** Tells the other processes, once the transaction is committed, that there is something to read. */
export async function notifyOthers(transaction: Database): Promise<void> {
  if (isPostgres(transaction)) await sql`select pg_notify(${channel}, '')`.execute(transaction)
}
