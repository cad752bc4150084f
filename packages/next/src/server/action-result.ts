import type { Problem } from '@sallyport/protocol'

/**
 * The result of an action. If it was refused, show the text of `problem`; its `errors` name the fields of the form. `retryAfterSeconds` is
 * present if the auth server sent `Retry-After` (with 429 or 503).
 */
export type ActionResult<T = unknown> =
  | ({ ok: true } & T)
  | { ok: false; problem: Problem; retryAfterSeconds?: number }
