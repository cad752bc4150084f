import { type Access, faultOfName } from './access.ts'
import { type AskedRequirement, type Requirement, requirementOf } from './requirement.ts'

/**
 * Returns the requirement from the arguments of a guard, and checks that the definition has its role and permission. Without a definition,
 * every name is accepted.
 *
 * @throws TypeError as `requirementOf`. Also if a name is not defined. The message suggests a similar name.
 */
export function definedRequirementOf(asked: readonly [unknown?], access: Access | undefined): Requirement {
  const requirement = requirementOf(asked as AskedRequirement)
  if (access === undefined) return requirement
  requireDefined('role', requirement.role, access)
  requireDefined('permission', requirement.permission, access)
  return requirement
}

function requireDefined(
  kind: 'role' | 'permission',
  names: string | readonly string[] = [],
  access: Access,
): void {
  for (const name of typeof names === 'string' ? [names] : names) {
    const fault = faultOfName(kind, name, access)
    if (fault !== null) throw new TypeError(fault)
  }
}
