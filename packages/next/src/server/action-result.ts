import type { Problem } from '@sallyport/protocol'

/**
 * The result of an action. A refusal has the problem to show, whose `errors` name the fields. `retryAfterSeconds` is there if the auth
 * server sent `Retry-After` (with 429 or 503).
 */
export type ActionResult<T = unknown> =
  | ({ ok: true } & T)
  | { ok: false; problem: Problem; retryAfterSeconds?: number }
