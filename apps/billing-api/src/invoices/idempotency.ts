import { createHash } from 'node:crypto'
import { BillingError } from '../billing-error.ts'
import { dayMs } from '../calendar/day.ts'
import type { Database } from '../database/database.ts'

/** How long an answer is kept for a request that comes again. */
const keptMs = dayMs

/** A request that its sender may repeat, because it did not learn what became of it. */
export type RepeatableRequest = {
  /** Keys belong to a user: nobody meets another's answers. */
  userId: string
  /** The `Idempotency-Key`. */
  key: string
  /** The request's content, as plain data. */
  content: unknown
}

/**
 * Does `work` once per user and key within 24 hours, and gives every repetition the same answer. The answer is kept in
 * the transaction that does the work, so there is never one without the other. What throws is not kept: it may be
 * tried again.
 *
 * @throws BillingError `idempotency_key_reused` if the key came with other content before.
 */
export function onceFor<Answer>(
  database: Database,
  request: RepeatableRequest,
  now: number,
  work: () => Answer,
): { answer: Answer; repeated: boolean } {
  const { userId, key } = request
  const digest = createHash('sha256').update(JSON.stringify(request.content)).digest('base64url')
  return database.transaction(() => {
    database.change('DELETE FROM idempotent_answer WHERE created_at <= :until', { until: now - keptMs })
    const known = database.find<{ digest: string; answer: string }>(
      'SELECT request_digest AS digest, answer FROM idempotent_answer WHERE user_id = :userId AND key = :key',
      { userId, key },
    )
    if (known !== null) {
      if (known.digest !== digest) throw new BillingError('idempotency_key_reused')
      return { answer: JSON.parse(known.answer) as Answer, repeated: true }
    }
    const answer = work()
    database.change(
      `INSERT INTO idempotent_answer (user_id, key, request_digest, answer, created_at)
       VALUES (:userId, :key, :digest, :answer, :now)`,
      { userId, key, digest, answer: JSON.stringify(answer), now },
    )
    return { answer, repeated: false }
  })
}
