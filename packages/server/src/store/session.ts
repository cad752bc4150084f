import type { Database } from './database.ts'
import { addRevocation } from './revocation.ts'
import type { SessionRow } from './schema.ts'
import type { StoredUser } from './user.ts'

export type StoredSession = Omit<SessionRow, 'methods'> & { methods: string[] }

export async function addSession(database: Database, session: StoredSession): Promise<void> {
  await database
    .insertInto('session')
    .values({ ...session, methods: JSON.stringify(session.methods) })
    .execute()
}

/** A session and whose it is, in one query. */
export async function findSession(
  database: Database,
  id: string,
): Promise<{ session: StoredSession; user: StoredUser } | null> {
  const row = await database
    .selectFrom('session')
    .innerJoin('user', 'user.id', 'session.userId')
    .selectAll('session')
    .select([
      'user.email',
      'user.name',
      'user.roles',
      'user.version',
      'user.createdAt as userCreatedAt',
      'user.updatedAt as userUpdatedAt',
    ])
    .where('session.id', '=', id)
    .executeTakeFirst()
  if (!row) return null
  const { email, name, roles, version, userCreatedAt, userUpdatedAt, methods, ...session } = row
  return {
    session: { ...session, methods: JSON.parse(methods) as string[] },
    user: {
      id: session.userId,
      email,
      name,
      roles: JSON.parse(roles) as string[],
      version,
      createdAt: userCreatedAt,
      updatedAt: userUpdatedAt,
    },
  }
}

export type RefreshState = Pick<SessionRow, 'generation' | 'parentBranch' | 'branches' | 'openedAt'>

/** Compare-and-set of the refresh state; false if another request was first, or the session has ended. */
export async function advanceSession(
  database: Database,
  id: string,
  from: RefreshState,
  { generation, parentBranch, branches, openedAt }: RefreshState,
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable('session')
    .set({ generation, parentBranch, branches, openedAt, lastUsedAt: now })
    .where('id', '=', id)
    .where('endedAt', 'is', null)
    .where('generation', '=', from.generation)
    .where('branches', '=', from.branches)
    .where('parentBranch', '=', from.parentBranch)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Ends a session and logs its revocation in one transaction; the log entry's number, or null if it had ended before. */
export function endSession(
  database: Database,
  id: string,
  reason: string,
  now: number,
  until: number,
): Promise<number | null> {
  return database.transaction().execute(async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable('session')
      .set({ endedAt: now, endReason: reason })
      .where('id', '=', id)
      .where('endedAt', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows === 1n ? addRevocation(transaction, { sid: id, until }) : null
  })
}

/** Deletes some sessions that ended, by a person or by their absolute end, before a time; true if there may be more. */
export async function dropSessions(database: Database, before: number): Promise<boolean> {
  const limit = 200
  const { numDeletedRows } = await database
    .deleteFrom('session')
    .where('id', 'in', (from) =>
      from
        .selectFrom('session')
        .select('id')
        .where((either) => either.or([either('expiresAt', '<', before), either('endedAt', '<', before)]))
        .limit(limit),
    )
    .executeTakeFirst()
  return numDeletedRows === BigInt(limit)
}
