import type { Access, User } from '@sallyport/protocol'
import type { ProviderToken } from '@sallyport/protocol/endpoints'
import { cache } from 'react'
import { browserDetailsOf } from '../request/browser-details.ts'
import type { Runtime } from '../session/runtime.ts'
import type { CurrentOrganization } from './current-organization.ts'
import type { CurrentSession } from './current-session.ts'
import { createGuard, type Guard } from './guard.ts'
import { toLogin } from './navigation.ts'
import { createOrganizationGuards, type OrganizationGuard } from './organization-guard.ts'
import { SessionUnavailableError } from './session-error.ts'

/** Checks access in server components, actions and route handlers. */
export type Auth<Defined extends Access = Access> = Guard<Defined> & {
  /**
   * Returns the signed-in user's profile (name, email) from the auth server, or null if nobody is signed in. Within one render, several
   * calls send one request.
   */
  user(): Promise<User | null>
  /**
   * Returns the access token of the signed-in user at an outside provider such as Google, for calls to the API of the provider. If it has
   * expired, the auth server refreshes it first. Call it only on the server, and do not pass the token to the browser.
   *
   * Returns null if nobody is signed in, if the user has not linked the provider, if the settings of the auth server do not keep its tokens
   * (`keepTokens`), or if the provider does not accept the refresh token any more. Then let the user link the provider (docs/providers.md).
   *
   * @throws ProviderTokenError if the provider or the auth server cannot be reached, if there are too many requests, or if the settings
   * do not define the provider.
   * @example
   * const token = await auth.providerToken('google')
   * if (token === null) return <LinkGoogle />
   */
  providerToken(provider: string): Promise<ProviderToken | null>
  /**
   * Checks access in one organization. The roles and permissions are those that the user has in it, and no others. Give the part of the
   * address that names the organization (docs/organizations.md), or its id. With the option `organizations: 'subdomain'`, leave it out in a
   * page of the organization.
   *
   * `require` responds with Next's page `notFound()` if the user is not a member, as if there were no such organization.
   *
   * @throws TypeError if the argument is given but is not a string, or if it is left out and the host names no organization.
   * @example
   * // app/o/[slug]/reports/page.tsx
   * const { slug } = await params
   * await auth.organization(slug).require({ permission: 'report:read' })
   */
  organization(slugOrId?: string): OrganizationGuard<Defined>
}

/** Returns `auth` without {@link Auth.providerToken}. */
export function createAuthFunction<Defined extends Access>(
  runtime: () => Runtime,
  currentSession: () => Promise<CurrentSession>,
  currentOrganization: CurrentOrganization,
  access?: Defined,
): Omit<Auth<Defined>, 'providerToken'> & Guard<Defined> {
  const guard = createGuard(
    runtime,
    async () => {
      const { request, session, isForeign } = await currentSession()
      return { headers: request.headers, who: isForeign ? 'foreign' : (session?.principal ?? null) }
    },
    access,
  )

  const user = cache(async (): Promise<User | null> => {
    const { request, session } = await currentSession()
    if (session === null) return null
    const { authServer, config, verifier } = runtime()
    const { accessToken } = session
    const answer = await authServer.call(
      'readProfile',
      { accessToken },
      browserDetailsOf(request.headers, config),
    )
    if (answer.ok) return answer.user
    if (answer.problem.code !== 'session_ended') throw new SessionUnavailableError()
    verifier.revokeLocally({ sid: session.principal.sessionId })
    return toLogin(config, request.headers)
  })

  return Object.assign(guard, {
    user,
    organization: createOrganizationGuards(runtime, currentOrganization, access),
  })
}
