import { sql } from 'kysely'
import { type Database, isPostgres } from './database.ts'
import { prepared, preparedFor } from './prepared.ts'
import type { ThrottleRow } from './row-types.ts'

/**
 * The maximum difference between the clocks of two processes, in milliseconds. A time that another process has written may be later than
 * expected by at most this much.
 */
const clockMarginMs = 10_000

/** Passes a number as a `bigint`, because PostgreSQL cannot infer the type of this parameter. */
const whole = (value: number) => sql`cast(${value} as bigint)`

const count = preparedFor<
  { now: number; until: number; lastUntil: number },
  Pick<ThrottleRow, 'key' | 'count' | 'until'>
>((database, place, keys) => {
  const isOver = sql`(throttle."until" <= ${whole(place('now'))} or throttle."until" > ${whole(place('lastUntil'))})`
  return database
    .insertInto('throttle')
    .values(keys.map((key) => ({ key, count: 1, until: place('until'), blockedUntil: 0, lastBy: '' })))
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        count: sql`case when ${isOver} then 1 else throttle."count" + 1 end`,
        until: sql`case when ${isOver} then ${whole(place('until'))} else throttle."until" end`,
      }),
    )
    .returning(['key', 'count', 'until'])
})

/**
 * Increases the count of each key with one statement. Returns the new rows, in the order of the keys. If a window has ended, it begins
 * again. If the clock was set back, a window can end later than a new window would end. Such a window also begins again. Rows are locked in
 * the order of the keys, so callers that use the same keys must pass them in the same order.
 */
export async function countThrottles(
  database: Database,
  { keys, now, windowMs }: { keys: readonly string[]; now: number; windowMs: number },
): Promise<Pick<ThrottleRow, 'count' | 'until'>[]> {
  const values = { now, until: now + windowMs, lastUntil: now + windowMs + clockMarginMs }
  const { rows } = await count(database, values, keys)
  return keys.map((key) => {
    const row = rows.find((found) => found.key === key)
    if (row === undefined) throw new Error('A throttle was counted and not returned.')
    return row
  })
}

/** The delays after wrong passwords, in milliseconds (see throttle-policy.ts). */
export type StoredDelays = {
  free: number
  firstWaitMs: number
  longestWaitMs: number
  maxTries: number
  forgottenMs: number
}

type Try = Record<
  | 'now'
  | 'until'
  | 'firstBlock'
  | 'lastBlock'
  | 'free'
  | 'firstWaitMs'
  | 'longestWaitMs'
  | 'maxTries'
  | 'doublings',
  number
> & { key: string; by: string }

const begin = prepared<Try, ThrottleRow>((database, place) => {
  const at = (name: Exclude<keyof Try, 'key' | 'by'>) => whole(place(name))
  const isOver = sql`throttle."until" <= ${at('now')}`
  const isBlocked = sql`(throttle."blockedUntil" > ${at('now')} and throttle."blockedUntil" <= ${at('lastBlock')})`
  const isRefused = sql`(${isBlocked} or throttle."count" >= ${at('maxTries')})`
  const wait = sql`case when throttle."count" + 1 < ${at('free')} then 0
    when throttle."count" + 1 - ${at('free')} >= ${at('doublings')} then ${at('longestWaitMs')}
    else ${at('firstWaitMs')} * (1 << cast(throttle."count" + 1 - ${at('free')} as integer)) end`
  const self = sql`cast(${place('by')} as text)`
  return database
    .insertInto('throttle')
    .values({
      key: place('key'),
      count: 1,
      until: place('until'),
      blockedUntil: place('firstBlock'),
      lastBy: place('by'),
    })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        count: sql`case when ${isOver} then 1 when ${isRefused} then throttle."count" else throttle."count" + 1 end`,
        blockedUntil: sql`case when ${isOver} then ${at('firstBlock')} when ${isRefused} then throttle."blockedUntil" else ${at('now')} + ${wait} end`,
        lastBy: sql`case when ${isOver} then ${self} when ${isRefused} then throttle."lastBy" else ${self} end`,
        until: sql`case when ${isRefused} and not ${isOver} then throttle."until" else ${at('until')} end`,
      }),
    )
    .returning(['key', 'count', 'until', 'blockedUntil', 'lastBy'])
})

/**
 * Begins a try under a key. The try is accepted if no wait is in progress, and if there were not too many tries. This is one statement, so
 * that concurrent tries cannot exceed the limit. If the try was accepted, `lastBy` of the returned row is `by`. If the clock was set back,
 * a wait can be longer than any new wait. Such a wait counts as ended.
 */
export async function beginTry(
  database: Database,
  { key, now, by }: { key: string; now: number; by: string },
  { free, firstWaitMs, longestWaitMs, maxTries, forgottenMs }: StoredDelays,
): Promise<ThrottleRow> {
  const {
    rows: [row],
  } = await begin(database, {
    key,
    now,
    by,
    until: now + forgottenMs,
    firstBlock: free <= 1 ? now + firstWaitMs : 0,
    lastBlock: now + longestWaitMs + clockMarginMs,
    free,
    firstWaitMs,
    longestWaitMs,
    maxTries,
    // The wait doubles up to the longest wait. The number of doublings is known in advance, so no powers are needed in SQL.
    doublings: Math.ceil(Math.log2(longestWaitMs / firstWaitMs)),
  })
  if (row === undefined) throw new Error('A try was begun and not returned.')
  return row
}

const backOne = preparedFor<{ by: string; now: number }, unknown>((database, place, keys) =>
  database
    .insertInto('throttle')
    .values(keys.map((key) => ({ key, count: 0, until: place('now'), blockedUntil: 0, lastBy: '' })))
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        count: sql`case when throttle."count" > 0 then throttle."count" - 1 else 0 end`,
        blockedUntil: sql`case when throttle."lastBy" = cast(${place('by')} as text) then 0 else throttle."blockedUntil" end`,
      }),
    ),
)

/**
 * Lowers the count of each key by one, and ends the wait that the try began. Use this for a try that was not checked or must not be
 * counted. The statement is an upsert, because it locks the rows in the order of the keys, as `countThrottles` does. An update would lock
 * the rows in another order, and two requests could deadlock. If a row is missing, the upsert adds a row whose window has ended. This row
 * is deleted later like other such rows.
 */
export async function takeBack(
  database: Database,
  { keys, by, now }: { keys: readonly string[]; by: string; now: number },
): Promise<void> {
  await backOne(database, { by, now }, keys)
}

const forget = prepared<{ key: string }, unknown>((database, place) =>
  database.deleteFrom('throttle').where('key', '=', place('key')),
)

export async function forgetThrottle(database: Database, key: string): Promise<void> {
  await forget(database, { key })
}

/** Deletes some counts whose window has ended. Returns true if there may be more. Leaves out rows that another request is counting now. */
export async function dropThrottles(database: Database, now: number): Promise<boolean> {
  const limit = 500
  const { numDeletedRows } = await database
    // As a subquery, PostgreSQL could choose rows again for each row, and delete more than the limit.
    .with('due', (from) =>
      from
        .selectFrom('throttle')
        .select('key')
        .where('until', '<=', now)
        .limit(limit)
        .$if(isPostgres(database), (query) => query.forUpdate().skipLocked()),
    )
    .deleteFrom('throttle')
    .where('key', 'in', (from) => from.selectFrom('due').select('key'))
    // A window may have begun again while this statement waited for its row. Then the row must not be deleted.
    .where('until', '<=', now)
    .executeTakeFirst()
  return numDeletedRows === BigInt(limit)
}
