import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { type Database, isPostgres } from './database.ts'
import { clearTables, type Row, readTables, type TableName, tableLoader } from './dump.ts'

/** A summary of a database: the number of rows of each table, and a fingerprint of all rows that does not depend on their order. */
type Content = { rows: Partial<Record<TableName, number>>; fingerprint: Buffer }

/**
 * Copies all rows from one database into another. Each database must be in a transaction of the caller. The rows are copied in pages, so
 * the needed memory does not depend on the number of rows. Afterwards the copy is read and compared. Returns the number of rows of each
 * table.
 *
 * @throws Error when the rows of the copy differ from the rows that were written.
 */
export async function copyTables(from: Database, into: Database): Promise<Content['rows']> {
  await clearTables(into)
  const loader = tableLoader(into)
  const given = contentCounter()
  await readTables(from, async (table, row) => {
    given.add(table, row)
    await loader.add(table, row)
  })
  await loader.flush()
  await raiseRevocationNumber(into, await revocationNumber(from))
  const found = contentCounter()
  await readTables(into, found.add)
  if (!given.content.fingerprint.equals(found.content.fingerprint))
    throw new Error('The rows of the new database differ from the rows that were written. Nothing was moved.')
  return given.content.rows
}

/**
 * Combines the hashes of rows so that their order does not matter, because databases sort text differently. Every row has a key, so there
 * are no equal rows whose hashes would cancel each other.
 */
function contentCounter() {
  const content: Content = { rows: {}, fingerprint: Buffer.alloc(32) }
  return {
    content,
    add(table: TableName, row: Row): void {
      content.rows[table] = (content.rows[table] ?? 0) + 1
      const columns = Object.keys(row).sort()
      const text = JSON.stringify([table, ...columns.map((column) => [column, row[column]])])
      const digest = createHash('sha256').update(text).digest()
      for (const [at, byte] of digest.entries())
        content.fingerprint[at] = (content.fingerprint[at] ?? 0) ^ byte
    },
  }
}

/** Returns the last number that the revocation log has used. The entry with this number may have been deleted. */
async function revocationNumber(database: Database): Promise<number> {
  const { rows } = isPostgres(database)
    ? await sql<{ seq: number | null }>`select pg_sequence_last_value(${revocationSequence}) as seq`.execute(
        database,
      )
    : await sql<{
        seq: number
      }>`select seq from sqlite_sequence where name = 'revocation'`.execute(database)
  return rows[0]?.seq ?? 0
}

/**
 * Makes the revocation log continue after this number. Verifiers remember the last number that they have received, so they would miss a
 * later revocation with a lower number.
 */
async function raiseRevocationNumber(database: Database, number: number): Promise<void> {
  const seq = Math.max(number, await revocationNumber(database))
  if (seq === 0) return
  if (isPostgres(database)) {
    await sql`select setval(${revocationSequence}, ${sql.lit(seq)})`.execute(database)
    return
  }
  await sql`delete from sqlite_sequence where name = 'revocation'`.execute(database)
  await sql`insert into sqlite_sequence (name, seq) values ('revocation', ${sql.lit(seq)})`.execute(database)
}

const revocationSequence = sql`pg_get_serial_sequence('revocation', 'seq')::regclass`
