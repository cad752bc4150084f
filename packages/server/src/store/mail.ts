import { type ExpressionBuilder, sql } from 'kysely'
import { type Database, isPostgres } from './database.ts'
import { prepared } from './prepared.ts'
import type { MailRow, Schema } from './row-types.ts'

type AddedMail = Pick<
  MailRow,
  'id' | 'recipient' | 'template' | 'details' | 'createdAt' | 'state' | 'finishedAt'
>

const add = prepared<AddedMail, unknown>((database, place) =>
  database.insertInto('mail').values({
    id: place('id'),
    recipient: place('recipient'),
    template: place('template'),
    details: place('details'),
    state: place('state'),
    attempts: 0,
    createdAt: place('createdAt'),
    dueAt: place('createdAt'),
    finishedAt: place('finishedAt'),
    lastError: null,
  }),
)

/** Queues a mail in the transaction of the action that causes it, so that either both are written or neither. */
export async function addMail(
  transaction: Database,
  mail: Pick<MailRow, 'id' | 'recipient' | 'template' | 'details' | 'createdAt'>,
  finishedAt: number | null = null,
): Promise<void> {
  const state = finishedAt === null ? 'due' : 'sent'
  await add(transaction, { ...mail, state, finishedAt })
}

/**
 * Reserves the next mail for some time. This is one statement, so only one worker gets the mail. If that worker crashes, the mail is due
 * again when the time has passed. A mail that was never tried is always due. Without this rule, such a mail would have to wait if the clock
 * was set back after the mail was queued.
 */
export async function takeMail(
  database: Database,
  { now, heldUntil }: { now: number; heldUntil: number },
): Promise<MailRow | null> {
  const isDue = ({ or, eb }: ExpressionBuilder<Schema, 'mail'>) =>
    or([eb('dueAt', '<=', now), eb('attempts', '=', 0)])
  const row = await database
    .updateTable('mail')
    .set(({ eb }) => ({ dueAt: heldUntil, attempts: eb('attempts', '+', 1) }))
    .where('id', '=', (from) =>
      from
        .selectFrom('mail')
        .select('id')
        .where('state', '=', 'due')
        .where(isDue)
        .orderBy('dueAt')
        .limit(1)
        .$if(isPostgres(database), (query) => query.modifyEnd(sql`for update skip locked`)),
    )
    // Check again whether the mail is due. Another worker may have reserved it while this statement waited for its row.
    .where(isDue)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** Finishes a mail, if the worker still has it reserved. Deletes the content of the mail, because it may contain a link. */
export async function finishMail(
  database: Database,
  { id, dueAt }: Pick<MailRow, 'id' | 'dueAt'>,
  end: { state: 'sent' | 'dead'; finishedAt: number; lastError: string | null },
): Promise<void> {
  await database
    .updateTable('mail')
    .set({ ...end, details: '' })
    .where('id', '=', id)
    .where('dueAt', '=', dueAt)
    .where('state', '=', 'due')
    .execute()
}

/** Postpones a mail, if the worker still has it reserved. */
export async function postponeMail(
  database: Database,
  { id, dueAt }: Pick<MailRow, 'id' | 'dueAt'>,
  again: { dueAt: number; lastError: string },
): Promise<void> {
  await database
    .updateTable('mail')
    .set(again)
    .where('id', '=', id)
    .where('dueAt', '=', dueAt)
    .where('state', '=', 'due')
    .execute()
}

/** Deletes all mails to these addresses in any state, because the users with these addresses were deleted. */
export async function dropMailTo(transaction: Database, recipients: readonly string[]): Promise<void> {
  if (recipients.length > 0)
    await transaction.deleteFrom('mail').where('recipient', 'in', recipients).execute()
}

/** Deletes some mails that were queued before the given time and never sent. Returns true if there may be more. */
export async function dropUnsentMail(database: Database, before: number): Promise<boolean> {
  const limit = 500
  const { numDeletedRows } = await database
    .deleteFrom('mail')
    .where('id', 'in', (from) =>
      from
        .selectFrom('mail')
        .select('id')
        .where('state', '=', 'due')
        .where('createdAt', '<', before)
        .limit(limit),
    )
    .where('state', '=', 'due')
    .executeTakeFirst()
  return numDeletedRows === BigInt(limit)
}

/** Returns the newest mails, for the development inbox. */
export async function listMail(database: Database, limit: number): Promise<MailRow[]> {
  return database.selectFrom('mail').selectAll().orderBy('id', 'desc').limit(limit).execute()
}

/** Deletes some mails that were finished before the given time. Returns true if there may be more. */
export async function dropMail(database: Database, before: number): Promise<boolean> {
  const limit = 500
  const { numDeletedRows } = await database
    .deleteFrom('mail')
    .where('id', 'in', (from) =>
      from.selectFrom('mail').select('id').where('finishedAt', '<', before).limit(limit),
    )
    .executeTakeFirst()
  return numDeletedRows === BigInt(limit)
}
