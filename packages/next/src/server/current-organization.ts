import type { Principal } from '@sallyport/protocol'
import { cache } from 'react'
import { addressedOrganization } from '../paths/organization-path.ts'
import { browserDetailsOf } from '../request/browser-details.ts'
import { configAt } from '../request/config-at.ts'
import { type OrganizationAddress, organizationAccess } from '../session/organization-access.ts'
import { renewSession } from '../session/resolve-session.ts'
import type { Runtime } from '../session/runtime.ts'
import type { CurrentRequest } from './current-request.ts'
import type { CurrentSession } from './current-session.ts'
import { SessionUnavailableError } from './session-error.ts'

/**
 * What the current request may do in an organization. `signedOut`: nobody is signed in. `foreign`: a page of another origin sent it.
 * `asked` is the id or slug that was asked for, and `session` the session whose token was exchanged.
 */
export type OrganizationVisit =
  | {
      kind: 'member'
      request: CurrentRequest
      principal: Principal
      accessToken: string
      organization: OrganizationAddress
      session: { accessToken: string }
      asked: string
    }
  | { kind: 'outside' | 'confirm' | 'signedOut' | 'foreign'; request: CurrentRequest }

/**
 * Returns what the current request may do in the organization with this id or slug. Undefined stands for the organization of the host.
 *
 * @throws SessionUnavailableError if an outage prevents the check.
 */
export type CurrentOrganization = (slugOrId: string | undefined) => Promise<OrganizationVisit>

/** Within one render, each organization is asked for only once (React `cache`). */
export function createCurrentOrganization(
  runtime: () => Runtime,
  currentSession: () => Promise<CurrentSession>,
): CurrentOrganization {
  return cache(async (slugOrId) => {
    const { request, session, isForeign } = await currentSession()
    if (isForeign) return { kind: 'foreign', request }
    const known = runtime()
    const organization = slugOrId ?? organizationOfHost(known, request)
    if (session === null) return { kind: 'signedOut', request }
    const browser = browserDetailsOf(request.headers, known.config)
    let current: { accessToken: string } = session
    let access = await organizationAccess(known, current, organization, browser)
    if (access.kind === 'renewable' && request.isWritable()) {
      const renewed = await renewSession(known, request.cookieHeader, browser, { bypassCache: true })
      if ('changes' in renewed) request.setCookies(renewed.changes)
      if (renewed.kind === 'none') return { kind: 'signedOut', request }
      if (renewed.kind === 'signedIn') {
        current = renewed
        access = await organizationAccess(known, current, organization, browser)
      }
    }
    if (access.kind === 'ended') {
      known.verifier.revokeLocally({ sid: session.principal.sessionId })
      return { kind: 'signedOut', request }
    }
    if (access.kind === 'unavailable' || access.kind === 'renewable') throw new SessionUnavailableError()
    return access.kind === 'member'
      ? { ...access, request, session: current, asked: organization }
      : { kind: access.kind, request }
  })
}

function organizationOfHost({ config }: Runtime, { headers }: CurrentRequest): string {
  const here = configAt(config, headers)
  const organization = here && addressedOrganization(here, '')
  if (organization === null)
    throw new TypeError(
      "auth.organization: the host of this request names no organization. Pass the organization, such as `auth.organization(slug)`, or set the option `organizations: 'subdomain'`.",
    )
  return organization
}
