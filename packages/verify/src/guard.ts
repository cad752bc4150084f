import { type AskedRequirement, meetsRequirement, type Principal, requirementOf } from '@sallyport/protocol'
import { AuthError } from './auth-error.ts'
import type { AuthRequest } from './credential.ts'
import { authenticateBy } from './immediate-answer.ts'
import type { Verifier } from './verifier.ts'

/** What a guard does with a request: the principal, if there is one and it may. At once where nothing has to be waited for. */
export type Guard = (request: AuthRequest) => Principal | Promise<Principal>

/**
 * Makes the guard that every adapter stands on: authenticate, then hold the principal against the requirement.
 *
 * @throws TypeError at construction for a requirement that would not guard what it seems to; the guard itself throws
 * AuthError, also `forbidden` (403), or rejects with it.
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

/** A promise of another realm or library too, which is not an instance of ours. */
export function isPromise(found: Principal | Promise<Principal>): found is Promise<Principal> {
  return 'then' in found
}
