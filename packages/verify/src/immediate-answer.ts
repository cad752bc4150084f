import type { Principal } from '@sallyport/protocol'
import type { AuthRequest } from './credential.ts'

/** A verifier, as far as guards ask it. */
type Authenticating = { authenticate(request: AuthRequest): Promise<Principal> }

/** As `authenticate` of a verifier, but without a promise where nothing has to be waited for; it throws what that rejects with. */
export type Authenticate = (request: AuthRequest) => Principal | Promise<Principal>

/** By the verifier itself, and not as one of its members: a copy of it with another `authenticate` must not be passed by. */
const immediate = new WeakMap<
  Authenticating,
  { authenticate: Authenticating['authenticate']; atOnce: Authenticate }
>()

/** Lets guards ask a verifier of our own without a promise. */
export function answersAtOnce(verifier: Authenticating, atOnce: Authenticate): void {
  immediate.set(verifier, { authenticate: verifier.authenticate, atOnce })
}

/** How a guard asks a verifier: at once if it can answer so, and by its own `authenticate` if that has been replaced. */
export function authenticateBy(verifier: Authenticating): Authenticate {
  const own = immediate.get(verifier)
  return (request) =>
    own !== undefined && own.authenticate === verifier.authenticate
      ? own.atOnce(request)
      : verifier.authenticate(request)
}
