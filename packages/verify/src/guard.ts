import { type AskedRequirement, meetsRequirement, type Principal, requirementOf } from '@sallyport/protocol'
import { AuthError } from './auth-error.ts'
import type { AuthRequest } from './credential.ts'
import { authenticateBy } from './immediate-answer.ts'
import type { Verifier } from './verifier.ts'

/** Returns the principal of an allowed request. The result is a promise only if something must be awaited. */
export type Guard = (request: AuthRequest) => Principal | Promise<Principal>

/**
 * Creates the guard that every adapter uses. The guard authenticates the request, and then checks the principal against the requirement.
 *
 * @throws TypeError when the guard is created, if the requirement is undefined or misspelt, or if its role or permission is empty. The
 * guard itself throws or rejects with every AuthError of `authenticate`, and with `forbidden` (403).
 */
export function createGuard(verifier: Verifier, ...asked: AskedRequirement): Guard {
  const requirement = requirementOf(asked)
  const authenticate = authenticateBy(verifier)
  const admit = (principal: Principal): Principal => {
    if (!meetsRequirement(principal, requirement))
      throw new AuthError('forbidden', 'the role or permission is missing')
    return principal
  }
  return (request) => {
    const found = authenticate(request)
    return isPromise(found) ? found.then(admit) : admit(found)
  }
}

/**
 * Returns whether the value is a promise. A promise of another realm or library counts too, although it is no instance of `Promise` here.
 */
export function isPromise(found: Principal | Promise<Principal>): found is Promise<Principal> {
  return 'then' in found
}
