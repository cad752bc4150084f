import { type AskedRequirement, meetsRequirement, type Principal, requirementOf } from '@sallyport/protocol'
import { AuthError } from './auth-error.ts'
import type { AuthRequest } from './credential.ts'
import type { Verifier } from './verifier.ts'

/** What a guard does with a request: the principal, if there is one and it may. */
export type Gate = (request: AuthRequest) => Promise<Principal>

/**
 * Makes the gate that every adapter stands on: authenticate, then hold the principal against the requirement.
 *
 * @throws TypeError at construction for a requirement that would not guard what it seems to; the gate itself throws
 * AuthError, also `forbidden` (403).
 */
export function createGate(verifier: Verifier, ...asked: AskedRequirement): Gate {
  const requirement = requirementOf(asked)
  return async (request) => {
    const principal = await verifier.authenticate(request)
    if (!meetsRequirement(principal, requirement))
      throw new AuthError('forbidden', 'the role or permission is missing')
    return principal
  }
}
