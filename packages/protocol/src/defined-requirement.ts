import type { Access } from './access.ts'
import { didYouMean } from './did-you-mean.ts'
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
  requireDefined('role', requirement.role, Object.keys(access.roles))
  requireDefined('permission', requirement.permission, access.permissions)
  return requirement
}

function requireDefined(
  kind: 'role' | 'permission',
  names: string | readonly string[] = [],
  defined: readonly string[],
): void {
  for (const name of typeof names === 'string' ? [names] : names)
    if (!defined.includes(name))
      throw new TypeError(`There is no ${kind} ${JSON.stringify(name)}.${didYouMean(name, defined)}`)
}
