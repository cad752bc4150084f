import type { Problem } from '@sallyport/protocol'

/** How an action ended. A refusal carries the problem to show: its `errors` name the fields. */
export type ActionResult<T = unknown> = ({ ok: true } & T) | { ok: false; problem: Problem }
