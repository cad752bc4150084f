import type { Problem } from '@sallyport/protocol'

/**
 * The result of an action. If the action was refused, show `problem.title` to the user. `problem.errors` lists the refused fields, each
 * with a message. `retryAfterSeconds` is present if the auth server sent `Retry-After` (with 429 or 503).
 */
export type ActionResult<T = unknown> =
  | ({ ok: true } & T)
  | { ok: false; problem: Problem; retryAfterSeconds?: number }
