import type { Principal } from '@sallyport/protocol'
import type { AuthRequest } from './credential.ts'

/** The part of a verifier that guards use. */
type Authenticating = { authenticate(request: AuthRequest): Promise<Principal> }

/**
 * Does the same as `authenticate` of a verifier, but is synchronous if nothing must be awaited. Then it throws an error instead of
 * rejecting.
 */
export type Authenticate = (request: AuthRequest) => Principal | Promise<Principal>

/**
 * The synchronous function and the clock of each verifier. The function is not a member of the verifier. Otherwise a copy of the verifier
 * with another `authenticate` would still have the function of the original.
 */
const immediate = new WeakMap<
  Authenticating,
  { authenticate: Authenticating['authenticate']; atOnce: Authenticate; clock: () => number }
>()

/** Registers the synchronous function of a verifier, which guards call, and its clock. */
export function answersAtOnce(verifier: Authenticating, atOnce: Authenticate, clock: () => number): void {
  immediate.set(verifier, { authenticate: verifier.authenticate, atOnce, clock })
}

/** Returns the clock of a verifier: milliseconds since 1970. A copy of a verifier has the clock of the process. */
export function clockOf(verifier: Authenticating): () => number {
  return immediate.get(verifier)?.clock ?? Date.now
}

/** Returns the function by which a guard calls a verifier: the synchronous one, or `authenticate` if that was replaced. */
export function authenticateBy(verifier: Authenticating): Authenticate {
  const own = immediate.get(verifier)
  return (request) =>
    own !== undefined && own.authenticate === verifier.authenticate
      ? own.atOnce(request)
      : verifier.authenticate(request)
}
