import {
  type Access,
  type AskedRequirement,
  definedRequirementOf,
  type Principal,
  refusalOf,
} from '@sallyport/protocol'
import { AuthError } from './auth-error.ts'
import type { AuthRequest } from './credential.ts'
import { authenticateBy, clockOf } from './immediate-answer.ts'
import type { Verifier } from './verifier.ts'

/** Returns the principal of an allowed request. The result is a promise only if something must be awaited. */
export type Guard = (request: AuthRequest) => Principal | Promise<Principal>

/**
 * Creates the guard that every adapter uses. The guard authenticates the request, and then checks the principal against the requirement.
 *
 * @throws TypeError when the guard is created, if the requirement is undefined or misspelt, if one of its members is empty, or if the
 * verifier has a definition (`access`) without the role or permission. The guard itself throws or rejects with every AuthError of `authenticate`, with `forbidden` (403), and with `insufficient_user_authentication`
 * (401).
 */
export function createGuard<Defined extends Access>(
  verifier: Verifier<Defined>,
  ...asked: AskedRequirement<Defined>
): Guard {
  const requirement = definedRequirementOf(asked, verifier.access)
  const { acr, maxAgeSeconds } = requirement
  const details = { ...(acr && { acr }), ...(maxAgeSeconds && { maxAgeSeconds }) }
  const authenticate = authenticateBy(verifier)
  const clock = clockOf(verifier)
  const admit = (principal: Principal): Principal => {
    const refusal = refusalOf(principal, requirement, clock())
    if (refusal === 'forbidden') throw new AuthError(refusal, 'the role or permission is missing')
    if (refusal !== null) throw new AuthError(refusal, 'acr or auth_time is not enough', { details })
    return principal
  }
  return (request) => {
    const found = authenticate(request)
    return isPromise(found) ? found.then(admit) : admit(found)
  }
}

/**
 * Returns whether the value is a promise. A promise of another JavaScript context (such as `node:vm`) or of a library counts too, although
 * `instanceof Promise` is false for it.
 */
export function isPromise(found: Principal | Promise<Principal>): found is Promise<Principal> {
  return 'then' in found
}
