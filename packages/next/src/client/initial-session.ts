import type { Principal } from '@sallyport/protocol'

/** Who is signed in, according to the server: the principal, or null if nobody is, or a promise of one of these. */
export type InitialSession = Principal | null | Promise<Principal | null>

type Answer = Promise<Principal | null | undefined>

const answers = new WeakMap<Promise<unknown>, Answer>()

export function isPromise(initial: InitialSession | undefined): initial is Promise<Principal | null> {
  return initial instanceof Promise
}

/**
 * Returns a promise with the result of `initial`. If `initial` rejects, the result is undefined, because the server could not find out who
 * is signed in. For the same `initial`, the same promise is returned, because `use` of React needs the same promise in every render.
 */
export function answerOf(initial: Promise<Principal | null>): Answer {
  const known = answers.get(initial)
  if (known) return known
  let resolve: (principal?: Principal | null) => void = () => {}
  const answer: Answer = new Promise((settled) => {
    resolve = settled
  })
  const settle = (value?: Principal | null) => {
    // From these fields, React can read the result of a settled promise without waiting.
    Object.assign(answer, { status: 'fulfilled', value })
    resolve(value)
  }
  // Do not chain `then` here, because `then` of a promise that React created returns nothing. If such a promise has already settled, its
  // `then` calls `settle` immediately.
  initial.then(settle, () => settle())
  answers.set(initial, answer)
  return answer
}
