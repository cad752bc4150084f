import { sql } from 'kysely'
import type { Database } from './database.ts'
import type { ThrottleRow } from './schema.ts'

/**
 * Counts one more under a key, in one statement however many come at once, and gives the row as it is then. A window that has ended
 * begins anew.
 */
export async function countThrottle(
  database: Database,
  { key, now, windowMs }: { key: string; now: number; windowMs: number },
): Promise<ThrottleRow> {
  return database
    .insertInto('throttle')
    .values({ key, count: 1, until: now + windowMs, blockedUntil: 0, lastBy: '' })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        count: sql`case when throttle."until" <= ${whole(now)} then 1 else throttle."count" + 1 end`,
        until: sql`case when throttle."until" <= ${whole(now)} then ${whole(now + windowMs)} else throttle."until" end`,
      }),
    )
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** PostgreSQL cannot tell the type of a parameter that only stands beside others. */
const whole = (value: number) => sql`cast(${value} as bigint)`

/** Milliseconds. */
export type StoredDelays = {
  free: number
  firstWaitMs: number
  longestWaitMs: number
  most: number
  forgottenMs: number
}

/**
 * Lets one more try begin under a key, unless the wait after the one before is not over or there were too many: in one statement, so
 * that of any number at once only as many begin as may. The row says `lastBy` that it was this one, or another.
 */
export async function beginTry(
  database: Database,
  { key, now, by }: { key: string; now: number; by: string },
  { free, firstWaitMs, longestWaitMs, most, forgottenMs }: StoredDelays,
): Promise<ThrottleRow> {
  // Doubling up to the longest wait, without powers: how many doublings that takes is known beforehand.
  const doublings = Math.ceil(Math.log2(longestWaitMs / firstWaitMs))
  const isOver = sql`throttle."until" <= ${whole(now)}`
  const isRefused = sql`(throttle."blockedUntil" > ${whole(now)} or throttle."count" >= ${whole(most)})`
  const wait = sql`case when throttle."count" + 1 < ${whole(free)} then 0
    when throttle."count" + 1 - ${whole(free)} >= ${whole(doublings)} then ${whole(longestWaitMs)}
    else ${whole(firstWaitMs)} * (1 << cast(throttle."count" + 1 - ${whole(free)} as integer)) end`
  const firstBlock = free <= 1 ? now + firstWaitMs : 0
  const self = sql`cast(${by} as text)`
  return database
    .insertInto('throttle')
    .values({ key, count: 1, until: now + forgottenMs, blockedUntil: firstBlock, lastBy: by })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        count: sql`case when ${isOver} then 1 when ${isRefused} then throttle."count" else throttle."count" + 1 end`,
        blockedUntil: sql`case when ${isOver} then ${whole(firstBlock)} when ${isRefused} then throttle."blockedUntil" else ${whole(now)} + ${wait} end`,
        lastBy: sql`case when ${isOver} then ${self} when ${isRefused} then throttle."lastBy" else ${self} end`,
        until: sql`case when ${isRefused} and not ${isOver} then throttle."until" else ${whole(now + forgottenMs)} end`,
      }),
    )
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Takes one count back: what began did not come to a verdict, or was none to be counted. The wait that it began is over. */
export async function takeBack(database: Database, { key, by }: { key: string; by: string }): Promise<void> {
  await database
    .updateTable('throttle')
    .set({
      count: sql`"count" - 1`,
      blockedUntil: sql`case when "lastBy" = ${by} then 0 else "blockedUntil" end`,
    })
    .where('key', '=', key)
    .where('count', '>', 0)
    .execute()
}

export async function forgetThrottle(database: Database, key: string): Promise<void> {
  await database.deleteFrom('throttle').where('key', '=', key).execute()
}

/** Deletes some whose window has ended; true if there may be more. */
export async function dropThrottles(database: Database, now: number): Promise<boolean> {
  const limit = 500
  const { numDeletedRows } = await database
    .deleteFrom('throttle')
    .where('key', 'in', (from) =>
      from.selectFrom('throttle').select('key').where('until', '<=', now).limit(limit),
    )
    .executeTakeFirst()
  return numDeletedRows === BigInt(limit)
}
