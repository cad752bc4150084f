import { problem } from '@sallyport/protocol'
import { browserDetailsOf } from '../request/browser-details.ts'
import { organizationAccess } from '../session/organization-access.ts'
import { renewSession } from '../session/resolve-session.ts'
import type { Runtime } from '../session/runtime.ts'
import type { CurrentOrganization } from './current-organization.ts'
import type { CurrentRequest } from './current-request.ts'
import type { CurrentSession } from './current-session.ts'
import { ApiError } from './session-error.ts'

/**
 * Returns the token with which `api` calls: that of the signed-in user, or that of the user in one organization.
 *
 * @throws ApiError if there is none.
 */
export type Caller = () => Promise<CallingToken>

/** The token of the current request. */
type CallingToken = {
  request: CurrentRequest
  accessToken: string
  sessionId: string
  /** Notes that the API has refused the token. */
  outdate(): void
  /** Returns a new token after the API has refused this one. Null if there is none, or if it needs cookies that cannot be set now. */
  renewed(): Promise<string | null>
}

export function userCaller(runtime: () => Runtime, currentSession: () => Promise<CurrentSession>): Caller {
  return async () => {
    const { request, session, isForeign } = await currentSession()
    if (isForeign) throw refusals.foreign()
    if (session === null) throw refusals.signedOut()
    const { accessToken, principal } = session
    return {
      request,
      accessToken,
      sessionId: principal.sessionId,
      outdate: () => runtime().outdate?.(accessToken),
      renewed: async () => (await renewedSession(runtime(), request))?.accessToken ?? null,
    }
  }
}

export function organizationCaller(
  runtime: () => Runtime,
  currentOrganization: CurrentOrganization,
  slugOrId: string | undefined,
): Caller {
  return async () => {
    const visit = await currentOrganization(slugOrId)
    if (visit.kind !== 'member') throw refusals[visit.kind]()
    const { request, accessToken, principal, session, asked } = visit
    const known = runtime()
    const accessOf = (by: { accessToken: string }) =>
      organizationAccess(known, by, asked, browserDetailsOf(request.headers, known.config))
    return {
      request,
      accessToken,
      sessionId: principal.sessionId,
      outdate: () => known.organizations?.forget(session.accessToken, asked, accessToken),
      async renewed() {
        const again = await accessOf(session)
        if (again.kind === 'member') return again.accessToken
        const renewed = again.kind === 'renewable' ? await renewedSession(known, request) : null
        const access = renewed && (await accessOf(renewed))
        return access?.kind === 'member' ? access.accessToken : null
      },
    }
  }
}

const refusals = {
  foreign: () => new ApiError(403, problem('origin_refused')),
  signedOut: () => new ApiError(401, problem('token_missing')),
  outside: () => new ApiError(404, problem('not_found')),
  confirm: () => new ApiError(401, problem('insufficient_user_authentication')),
}

async function renewedSession(
  known: Runtime,
  request: CurrentRequest,
): Promise<{ accessToken: string } | null> {
  if (!request.isWritable()) return null
  const browser = browserDetailsOf(request.headers, known.config)
  const renewed = await renewSession(known, request.cookieHeader, browser)
  if ('changes' in renewed) request.setCookies(renewed.changes)
  return renewed.kind === 'signedIn' ? renewed : null
}
