import type { Problem } from '@sallyport/protocol'

/**
 * How an action ended. A refusal carries the problem to show: its `errors` name the fields. `retryAfterSeconds` says when trying again
 * can help, where the auth server said so (a 429 or 503).
 */
export type ActionResult<T = unknown> =
  | ({ ok: true } & T)
  | { ok: false; problem: Problem; retryAfterSeconds?: number }
