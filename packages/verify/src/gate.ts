import { isAllowed, type Principal, type Requirement } from '@sallyport/protocol'
import { AuthError } from './auth-error.ts'
import type { AuthRequest } from './credential.ts'
import type { Verifier } from './verifier.ts'

/** What a guard does with a request: the principal, if there is one and it may. */
export type Gate = (request: AuthRequest) => Promise<Principal>

/**
 * What a guard is given after its verifier: a requirement, or nothing. A list, because a requirement that is undefined is a misspelt
 * name and not the wish to let in whoever is signed in.
 */
export type AskedRequirement = [requirement?: Requirement]

/**
 * Makes the gate that every adapter stands on: authenticate, then hold the principal against the requirement.
 *
 * @throws TypeError at construction for a requirement that would not guard what it seems to; the gate itself throws
 * AuthError, also `forbidden` (403).
 */
export function createGate(verifier: Verifier, ...asked: AskedRequirement): Gate {
  const requirement = asked.length === 0 ? {} : asked[0]
  requireMeaning(requirement)
  return async (request) => {
    const principal = await verifier.authenticate(request)
    if (!isAllowed(principal, requirement))
      throw new AuthError('forbidden', 'the role or permission is missing')
    return principal
  }
}

/** A misspelt name or an undefined role would silently let everybody in. */
function requireMeaning(requirement: Requirement | undefined): asserts requirement is Requirement {
  if (typeof requirement !== 'object' || requirement === null || Array.isArray(requirement))
    throw new TypeError(
      'The requirement is no object. Ask for { role } or { permission }, or leave it out for whoever is signed in.',
    )
  for (const [name, asked] of Object.entries(requirement)) {
    if (name !== 'role' && name !== 'permission')
      throw new TypeError(`A requirement has no "${name}". Ask for { role } or { permission }.`)
    const list: unknown = typeof asked === 'string' ? [asked] : asked
    if (
      !Array.isArray(list) ||
      list.length === 0 ||
      !list.every((entry) => typeof entry === 'string' && entry !== '')
    )
      throw new TypeError(`The required ${name} must be a name or a list of names; it is empty or undefined.`)
  }
}
