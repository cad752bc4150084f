import { sql } from 'kysely'
import { type Database, isPostgres } from './database.ts'
import { prepared, preparedFor } from './prepared.ts'
import type { ThrottleRow } from './schema.ts'

/** Milliseconds by which the clocks of two processes may differ, and a row may therefore be later than ours could be. */
const clockMarginMs = 10_000

/** PostgreSQL cannot tell the type of a parameter that only stands beside others. */
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
 * Counts one more under each key, in one statement however many come at once, and returns the rows as they are then, in the order of the
 * keys. A window that has ended begins anew, and so does one that ends later than any that begins now: the clock has been put back
 * since. The rows are locked in that order: two that share some must name them in the same one.
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

/** Milliseconds. */
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
 * Lets one more try begin under a key, unless the wait after the one before is not over or there were too many: in one statement, so
 * that of any number at once only as many begin as may. The row says `lastBy` that it was this one, or another. A wait that ends
 * later than any that begins now is over: the clock has been put back since.
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
    // Doubling up to the longest wait, without powers: how many doublings that takes is known beforehand.
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
 * Takes one count back under each key: what began did not come to a verdict, or was none to be counted. The wait that it began is over.
 * An upsert, because it locks the rows in the order of the keys, as counting does; an update would lock them in an order of its own, and
 * two of them would wait for each other. What is not there any more is added as ended, and cleared away with the others.
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

/** Deletes some whose window has ended; true if there may be more. Leaves out what is being counted at this moment. */
export async function dropThrottles(database: Database, now: number): Promise<boolean> {
  const limit = 500
  const { numDeletedRows } = await database
    .deleteFrom('throttle')
    .where('key', 'in', (from) =>
      from
        .selectFrom('throttle')
        .select('key')
        .where('until', '<=', now)
        .limit(limit)
        .$if(isPostgres(database), (query) => query.forUpdate().skipLocked()),
    )
    // One that began anew while we waited for its row still counts.
    .where('until', '<=', now)
    .executeTakeFirst()
  return numDeletedRows === BigInt(limit)
}
