import { type InferResult, sql } from 'kysely'
import { type Database, isPostgres } from './database.ts'
import { prepared } from './prepared.ts'
import type { SessionRow } from './row-types.ts'
import { createTogether } from './together.ts'

/**
 * The columns of a session. The statement that reads a session runs more often than any other statement, so it must stay prepared. The
 * columns are listed by name, because a statement with `*` cannot stay prepared (see `postgres.ts`).
 */
const sessionColumns = [
  'session.id',
  'session.userId',
  'session.salt',
  'session.generation',
  'session.parentBranch',
  'session.branches',
  'session.openedAt',
  'session.methods',
  'session.authenticatedAt',
  'session.createdAt',
  'session.lastUsedAt',
  'session.expiresAt',
  'session.endedAt',
  'session.endReason',
  'session.idleSeconds',
  'session.address',
  'session.userAgent',
] as const satisfies readonly `session.${keyof SessionRow}`[]

const selectSessions = (database: Database) =>
  database
    .selectFrom('session')
    .innerJoin('user', 'user.id', 'session.userId')
    .select(sessionColumns)
    .select([
      'user.email',
      'user.name',
      'user.roles',
      'user.version',
      'user.createdAt as userCreatedAt',
      'user.updatedAt as userUpdatedAt',
      'user.signedInAt',
      'user.disabledAt',
      'user.emailVerifiedAt',
      'user.deleteAt',
      'user.fields',
    ])

export type SessionAndUserRow = InferResult<ReturnType<typeof selectSessions>>[number]

const one = prepared<{ id: string }, SessionAndUserRow>((database, place) =>
  selectSessions(database).where('session.id', '=', place('id')),
)

/** The ids are passed as one JSON value, so that the text of the statement is the same for any number of ids. */
const several = prepared<{ ids: string }, SessionAndUserRow>((database, place) =>
  selectSessions(database).where(
    'session.id',
    'in',
    isPostgres(database)
      ? sql<string>`(select json_array_elements_text(cast(${place('ids')} as json)))`
      : sql<string>`(select value from json_each(${place('ids')}))`,
  ),
)

const together = createTogether(readAll)

/**
 * Returns the row of a session and its user. If several sessions are requested in the same turn of the event loop, one statement reads them
 * all. A statement for a few rows costs about the same as a statement for one row.
 */
export async function findSessionRow(database: Database, id: string): Promise<SessionAndUserRow | undefined> {
  // A transaction must see its own writes, so read the row in this transaction.
  if (database.isTransaction) return (await one(database, { id })).rows[0]
  return together(database, id)
}

async function readAll(
  database: Database,
  ids: readonly string[],
): Promise<(SessionAndUserRow | undefined)[]> {
  const [id] = ids
  if (ids.length === 1 && id !== undefined) return [(await one(database, { id })).rows[0]]
  const { rows } = await several(database, { ids: JSON.stringify([...new Set(ids)]) })
  const found = new Map(rows.map((row) => [row.id, row]))
  return ids.map((wanted) => found.get(wanted))
}
