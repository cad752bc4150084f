import type { Access } from '@sallyport/protocol'
import type { OrganizationAddress } from '../session/organization-access.ts'
import type { Runtime } from '../session/runtime.ts'
import type { CurrentOrganization } from './current-organization.ts'
import { createGuard, type Guard, type Visit } from './guard.ts'

/** Checks access in one organization. */
export type OrganizationGuard<Defined extends Access = Access> = Guard<Defined> & {
  /**
   * Returns the id, the name and the current `slug` of the organization. Returns null if nobody is signed in, or if the user is not a
   * member, or if the organization first demands two factors or a more recent sign-in.
   *
   * @throws SessionUnavailableError if an outage prevents the check.
   */
  describe(): Promise<OrganizationAddress | null>
}

/** Returns the function `auth.organization`. */
export function createOrganizationGuards<Defined extends Access>(
  runtime: () => Runtime,
  currentOrganization: CurrentOrganization,
  access?: Defined,
): (slugOrId?: string) => OrganizationGuard<Defined> {
  return (...asked) => {
    const slugOrId = organizationAsked('auth.organization', asked)
    const visit = () => currentOrganization(slugOrId)
    const guard = createGuard(
      runtime,
      async () => {
        const visited = await visit()
        return { headers: visited.request.headers, who: whoOf(visited) }
      },
      access,
    )
    return Object.assign(guard, {
      describe: async () => {
        const visited = await visit()
        return visited.kind === 'member' ? visited.organization : null
      },
    })
  }
}

function whoOf(visited: Awaited<ReturnType<CurrentOrganization>>): Visit['who'] {
  if (visited.kind === 'member') return visited.principal
  return visited.kind === 'signedOut' ? null : visited.kind
}

/**
 * Returns the argument of `auth.organization` or `api.organization`.
 *
 * @throws TypeError if the argument is given but is no text. Usually the caller has forgotten to await `params`.
 */
export function organizationAsked(name: string, asked: readonly unknown[]): string | undefined {
  if (asked.length === 0) return undefined
  const [slugOrId] = asked
  if (typeof slugOrId !== 'string')
    throw new TypeError(
      `${name}: pass the slug or the id of the organization as a string. It is ${slugOrId === undefined ? 'undefined' : typeof slugOrId}. In Next, await \`params\` first.`,
    )
  return slugOrId
}
