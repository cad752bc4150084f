import type { Principal } from '@sallyport/protocol'

/** Who is signed in according to the server: the principal, null for nobody, or a promise of either. */
export type InitialSession = Principal | null | Promise<Principal | null>

type Answer = Promise<Principal | null | undefined>

const answers = new WeakMap<Promise<unknown>, Answer>()

export function isPromise(initial: InitialSession | undefined): initial is Promise<Principal | null> {
  return initial instanceof Promise
}

/**
 * Returns a promise of the same result, or of undefined if the server could not tell. For the same promise it returns the same object,
 * because React must get the promise that it waited for.
 */
export function answerOf(initial: Promise<Principal | null>): Answer {
  const known = answers.get(initial)
  if (known) return known
  let resolve: (principal?: Principal | null) => void = () => {}
  const answer: Answer = new Promise((settled) => {
    resolve = settled
  })
  const settle = (value?: Principal | null) => {
    // React reads a settled promise synchronously from these fields.
    Object.assign(answer, { status: 'fulfilled', value })
    resolve(value)
  }
  // React's own promises answer at once when they have settled, and return nothing from `then`.
  initial.then(settle, () => settle())
  answers.set(initial, answer)
  return answer
}
