import type { Principal } from '@sallyport/protocol'
import type { AuthRequest } from './credential.ts'

/** The part of a verifier that guards use. */
type Authenticating = { authenticate(request: AuthRequest): Promise<Principal> }

/** Like `authenticate` of a verifier, but synchronous if nothing must be awaited: then it throws instead of rejecting. */
export type Authenticate = (request: AuthRequest) => Principal | Promise<Principal>

/** Stored by verifier and not as a member, because a copy with another `authenticate` must use that one. */
const immediate = new WeakMap<
  Authenticating,
  { authenticate: Authenticating['authenticate']; atOnce: Authenticate }
>()

/** Registers the synchronous function of a verifier for guards. */
export function answersAtOnce(verifier: Authenticating, atOnce: Authenticate): void {
  immediate.set(verifier, { authenticate: verifier.authenticate, atOnce })
}

/** Returns how a guard calls a verifier: synchronously if possible, but through `authenticate` if that was replaced. */
export function authenticateBy(verifier: Authenticating): Authenticate {
  const own = immediate.get(verifier)
  return (request) =>
    own !== undefined && own.authenticate === verifier.authenticate
      ? own.atOnce(request)
      : verifier.authenticate(request)
}
