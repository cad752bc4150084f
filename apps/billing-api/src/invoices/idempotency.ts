import { createHash } from 'node:crypto'
import { BillingError } from '../billing-error.ts'
import { dayMs } from '../calendar/day.ts'
import type { Database } from '../database/database.ts'

/** The time, in milliseconds, for which a response is stored for repeated requests. */
const keptMs = dayMs

/** A request that its sender may repeat if the response was lost. */
export type RepeatableRequest = {
  /** The user who sent the request. Each user has separate keys, so nobody gets the response of another user. */
  userId: string
  /** The value of the header `Idempotency-Key`. */
  key: string
  /** The content of the request, as plain data. */
  content: unknown
}

/**
 * Calls `work` once per user and key within 24 hours. For every repetition, returns the same result. The result is stored in the
 * transaction in which `work` runs, so either the result and the changes of `work` are stored, or neither of them. If `work` throws, the
 * error is not stored, so the request may be repeated.
 *
 * @throws BillingError `idempotency_key_reused` if the key was used with other content.
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
