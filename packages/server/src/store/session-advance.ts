import { sql } from 'kysely'
import { type Database, isPostgres } from './database.ts'
import { writeTogether } from './group-commit.ts'
import { prepared } from './prepared.ts'
import type { SessionRow } from './row-types.ts'
import { createTogether } from './together.ts'

export type RefreshState = Pick<SessionRow, 'generation' | 'parentBranch' | 'branches' | 'openedAt'>
type Used = Pick<SessionRow, 'lastUsedAt' | 'idleSeconds' | 'address' | 'userAgent'>

/** One step of one session, from the state that was read to the next state. */
export type Advance = RefreshState &
  Used & { id: string; fromGeneration: number; fromBranches: number; fromParentBranch: number }

const advanceOne = prepared<Advance, unknown>((database, place) =>
  database
    .updateTable('session')
    .set({
      generation: place('generation'),
      parentBranch: place('parentBranch'),
      branches: place('branches'),
      openedAt: place('openedAt'),
      lastUsedAt: place('lastUsedAt'),
      idleSeconds: place('idleSeconds'),
      address: place('address'),
      userAgent: place('userAgent'),
    })
    .where('id', '=', place('id'))
    .where('endedAt', 'is', null)
    .where('generation', '=', place('fromGeneration'))
    .where('branches', '=', place('fromBranches'))
    .where('parentBranch', '=', place('fromParentBranch')),
)

/**
 * Applies many steps with one PostgreSQL statement, without waiting for locks. If another request has locked a session, that session is
 * left out and advanced separately afterwards. So no session waits for the lock of another, and two processes cannot deadlock.
 */
const advanceFree = prepared<{ steps: string }, { id: string }>((database, place) => {
  const statement = sql<{ id: string }>`
    with step as (
      select * from json_to_recordset(cast(${place('steps')} as json)) as step(
        "id" text, "generation" integer, "parentBranch" integer, "branches" integer, "openedAt" bigint,
        "lastUsedAt" bigint, "idleSeconds" integer, "address" text, "userAgent" text,
        "fromGeneration" integer, "fromBranches" integer, "fromParentBranch" integer)
    ), free as (
      select session."id" from session join step on step."id" = session."id"
      where session."endedAt" is null
        and session."generation" = step."fromGeneration"
        and session."branches" = step."fromBranches"
        and session."parentBranch" = step."fromParentBranch"
      for update of session skip locked
    )
    update session set
      "generation" = step."generation", "parentBranch" = step."parentBranch", "branches" = step."branches",
      "openedAt" = step."openedAt", "lastUsedAt" = step."lastUsedAt", "idleSeconds" = step."idleSeconds",
      "address" = step."address", "userAgent" = step."userAgent"
    from step join free on free."id" = step."id"
    where session."id" = step."id"
    returning session."id"`
  return { compile: () => statement.compile(database) }
})

const together = createTogether(advanceAll)

/** Advances one session if its state has not changed since it was read. Returns false if the state has changed or the session has ended. */
export function advance(database: Database, step: Advance): Promise<boolean> {
  if (isPostgres(database) && !database.isTransaction) return together(database, step)
  return writeTogether(database, (group) => alone(group, step))
}

async function alone(database: Database, step: Advance): Promise<boolean> {
  const { numAffectedRows } = await advanceOne(database, step)
  return numAffectedRows === 1n
}

/** Applies the steps. Two steps of the same session need separate statements, because the second step must see the result of the first. */
async function advanceAll(
  database: Database,
  steps: readonly Advance[],
): Promise<(true | Promise<boolean>)[]> {
  const first = new Map<string, Advance>()
  for (const step of steps) if (!first.has(step.id)) first.set(step.id, step)
  const done = new Set<Advance>()
  if (first.size > 1) {
    const { rows } = await advanceFree(database, { steps: JSON.stringify([...first.values()]) })
    for (const { id } of rows) {
      const step = first.get(id)
      if (step !== undefined) done.add(step)
    }
  }
  return steps.map((step) => done.has(step) || alone(database, step))
}
