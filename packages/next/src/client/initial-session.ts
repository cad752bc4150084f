import type { Principal } from '@sallyport/protocol'

/** Who is signed in as far as the server knows: the principal, null for nobody, or a promise of either. */
export type InitialSession = Principal | null | Promise<Principal | null>

type Answer = Promise<Principal | null | undefined>

const answers = new WeakMap<Promise<unknown>, Answer>()

export function isPromise(initial: InitialSession | undefined): initial is Promise<Principal | null> {
  return initial instanceof Promise
}

/**
 * Returns what becomes of the promise: undefined when the server could not tell. Always the same answer for the same promise, because
 * React must find the one that it waited for.
 */
export function answerOf(initial: Promise<Principal | null>): Answer {
  const known = answers.get(initial)
  if (known) return known
  let resolve: (principal?: Principal | null) => void = () => {}
  const answer: Answer = new Promise((settled) => {
    resolve = settled
  })
  const settle = (value?: Principal | null) => {
    // By these fields React reads a settled promise without waiting.
    Object.assign(answer, { status: 'fulfilled', value })
    resolve(value)
  }
  // React's own promises answer at once when they have settled, and return nothing from `then`.
  initial.then(settle, () => settle())
  answers.set(initial, answer)
  return answer
}
