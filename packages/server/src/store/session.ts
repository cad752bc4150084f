import { sql } from 'kysely'
import { type Database, isPostgres } from './database.ts'
import { inTransaction } from './group-commit.ts'
import { forgetTrust } from './known-device.ts'
import { prepared } from './prepared.ts'
import { addRevocation } from './revocation.ts'
import type { SessionRow } from './row-types.ts'
import { advance, type RefreshState } from './session-advance.ts'
import { findSessionRow } from './session-rows.ts'
import { lockUser, type StoredUser, userOf } from './user.ts'

export type StoredSession = Omit<SessionRow, 'methods'> & { methods: string[] }

const currentUser = prepared<
  { userId: string },
  { version: number; secret: string | null; deleteAt: number | null }
>((database, place) =>
  database
    .selectFrom('user')
    .leftJoin('credential', (join) =>
      join.onRef('credential.userId', '=', 'user.id').on('credential.kind', '=', 'password'),
    )
    .select(['user.version', 'credential.secret', 'user.deleteAt'])
    .where('user.id', '=', place('userId'))
    .where('user.disabledAt', 'is', null),
)

const insertSession = prepared<SessionRow, unknown>((database, place) =>
  database.insertInto('session').values({
    id: place('id'),
    userId: place('userId'),
    salt: place('salt'),
    generation: place('generation'),
    parentBranch: place('parentBranch'),
    branches: place('branches'),
    openedAt: place('openedAt'),
    methods: place('methods'),
    authenticatedAt: place('authenticatedAt'),
    createdAt: place('createdAt'),
    lastUsedAt: place('lastUsedAt'),
    expiresAt: place('expiresAt'),
    endedAt: place('endedAt'),
    endReason: place('endReason'),
    idleSeconds: place('idleSeconds'),
    address: place('address'),
    userAgent: place('userAgent'),
  }),
)

/**
 * What must not have changed since the user's proof was checked: the hash against which the password was checked, or the version of the
 * user. The version changes when the password changes, when all sessions end, and when the roles change.
 */
export type Unchanged = { passwordHash: string } | { version: number }

/**
 * Opens a session for a user who has just signed in. Returns false if the proof is no longer valid, or if the user was disabled. So a
 * sign-in that began before a change of password cannot succeed after this change.
 */
export function openSession(
  database: Database,
  session: StoredSession,
  unchanged: Unchanged,
  alongside: (transaction: Database, user: Pick<StoredUser, 'deleteAt'>) => Promise<void> = async () => {},
): Promise<boolean> {
  return inTransaction(database, async (transaction) => {
    await lockUser(transaction, session.userId, { signedInAt: session.authenticatedAt })
    const {
      rows: [current],
    } = await currentUser(transaction, { userId: session.userId })
    if (current === undefined) return false
    const isUnchanged =
      'version' in unchanged
        ? current.version === unchanged.version
        : current.secret === unchanged.passwordHash
    if (!isUnchanged) return false
    await addSession(transaction, session)
    await alongside(transaction, current)
    return true
  })
}

export async function addSession(database: Database, session: StoredSession): Promise<void> {
  await insertSession(database, { ...session, methods: JSON.stringify(session.methods) })
}

/** Returns a session and its user. */
export async function findSession(
  database: Database,
  id: string,
): Promise<{ session: StoredSession; user: StoredUser } | null> {
  const row = await findSessionRow(database, id)
  if (!row) return null
  const {
    email,
    name,
    roles,
    version,
    userCreatedAt,
    userUpdatedAt,
    signedInAt,
    disabledAt,
    emailVerifiedAt,
    deleteAt,
    fields,
    methods,
    ...session
  } = row
  return {
    session: { ...session, methods: JSON.parse(methods) as string[] },
    user: userOf({
      id: session.userId,
      email,
      name,
      roles,
      version,
      createdAt: userCreatedAt,
      updatedAt: userUpdatedAt,
      signedInAt,
      disabledAt,
      emailVerifiedAt,
      deleteAt,
      fields,
    }),
  }
}

/**
 * Returns the sessions of a user that were not ended and have not reached their absolute end. The session that was used last comes first.
 */
export async function listSessions(
  database: Database,
  userId: string,
  { now, limit }: { now: number; limit: number },
): Promise<StoredSession[]> {
  const rows = await database
    .selectFrom('session')
    .selectAll()
    .where('userId', '=', userId)
    .where('endedAt', 'is', null)
    .where('expiresAt', '>', now)
    .orderBy('lastUsedAt', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ ...row, methods: JSON.parse(row.methods) as string[] }))
}

/**
 * Changes the refresh state of a session from `from` to the new state. If another request has changed the refresh state first, or if the
 * session has ended, changes nothing and returns false.
 */
export function advanceSession(
  database: Database,
  id: string,
  from: RefreshState,
  { generation, parentBranch, branches, openedAt }: RefreshState,
  used: Pick<SessionRow, 'lastUsedAt' | 'idleSeconds' | 'address' | 'userAgent'>,
): Promise<boolean> {
  return advance(database, {
    id,
    generation,
    parentBranch,
    branches,
    openedAt,
    lastUsedAt: used.lastUsedAt,
    idleSeconds: used.idleSeconds,
    address: used.address,
    userAgent: used.userAgent,
    fromGeneration: from.generation,
    fromBranches: from.branches,
    fromParentBranch: from.parentBranch,
  })
}

export type SessionEnd = { reason: string; now: number; until: number }

/**
 * Ends a session and adds its revocation to the log. Both happen in one transaction, in which `alongside` also runs. If the
 * session has ended already, returns false and changes nothing.
 */
export function endSession(
  database: Database,
  id: string,
  end: SessionEnd,
  alongside: (transaction: Database, userId: string) => Promise<void> = async () => {},
): Promise<boolean> {
  return inTransaction(database, async (transaction) => {
    const ended = await transaction
      .updateTable('session')
      .set({ endedAt: end.now, endReason: end.reason })
      .where('id', '=', id)
      .where('endedAt', 'is', null)
      .returning('userId')
      .executeTakeFirst()
    if (ended === undefined) return false
    await alongside(transaction, ended.userId)
    await addRevocation(transaction, { sid: id, until: end.until })
    return true
  })
}

/**
 * Ends every session of a user, in the transaction of the caller. The session `except`, if given, stays open. All access tokens that were
 * issued before, also those of the session `except`, become stale and must be refreshed. Adds one entry to the revocation log for all these
 * sessions. No browser of the user is trusted any more. Returns the number of ended sessions.
 */
export async function endSessionsOf(
  transaction: Database,
  userId: string,
  { reason, now, until, except }: SessionEnd & { except?: string | undefined },
): Promise<number> {
  // Lock the user first and then the sessions. A sign-in and a change of password use the same order, so there are no deadlocks.
  const { version } = await transaction
    .updateTable('user')
    .set(({ eb }) => ({ version: eb('version', '+', 1) }))
    .where('id', '=', userId)
    .returning('version')
    .executeTakeFirstOrThrow()
  const { numUpdatedRows } = await transaction
    .updateTable('session')
    .set({ endedAt: now, endReason: reason })
    .where('userId', '=', userId)
    .where('endedAt', 'is', null)
    .$if(except !== undefined, (query) => query.where('id', '!=', except ?? ''))
    .executeTakeFirst()
  await forgetTrust(transaction, userId)
  await addRevocation(transaction, { sub: userId, minVersion: version, until })
  return Number(numUpdatedRows)
}

/** Records that the user of a session has just authenticated again. `methods` are all methods of the session from now on. */
export async function setAuthenticated(
  transaction: Database,
  id: string,
  { now, methods }: { now: number; methods: readonly string[] },
): Promise<void> {
  await transaction
    .updateTable('session')
    .set({ authenticatedAt: now, methods: JSON.stringify(methods) })
    .where('id', '=', id)
    .execute()
}

/** Deletes some sessions that were ended, or that reached their absolute end, before the given time. Returns true if there may be more. */
export async function dropSessions(database: Database, before: number): Promise<boolean> {
  const limit = 200
  const { numDeletedRows } = await database
    // As a subquery, PostgreSQL could choose rows again for each row, and delete more than the limit.
    .with('due', (from) =>
      from
        .selectFrom('session')
        .select('id')
        .where((either) => either.or([either('expiresAt', '<', before), either('endedAt', '<', before)]))
        .limit(limit)
        // If two processes delete at the same time, they choose different rows.
        .$if(isPostgres(database), (query) => query.modifyEnd(sql`for update skip locked`)),
    )
    .deleteFrom('session')
    .where('id', 'in', (from) => from.selectFrom('due').select('id'))
    .executeTakeFirst()
  return numDeletedRows === BigInt(limit)
}
