import { asksForConfirmation, problemResponse } from '@sallyport/protocol'
import { organizationOfApiPath } from '../paths/organization-path.ts'
import { isProviderForm, providerPathOf } from '../paths/provider-path.ts'
import { browserPath, writtenPath } from '../paths/served-paths.ts'
import { apiAddress, isForwarded } from '../request/api-address.ts'
import { browserDetailsOf } from '../request/browser-details.ts'
import { configAt } from '../request/config-at.ts'
import { type Forwarding, forwardRequest } from '../request/forward-request.ts'
import { changesNothing, isOwnOrigin } from '../request/origin.ts'
import { sentQuery } from '../request/sent-query.ts'
import { boundedJson } from '../session/bounded-json.ts'
import { organizationAccess } from '../session/organization-access.ts'
import { renewSession } from '../session/resolve-session.ts'
import type { Runtime } from '../session/runtime.ts'
import { appendClearedDuplicates } from '../session/session-cookies.ts'
import { requireAudience } from '../session/token-audience.ts'
import { withCookies } from './answers.ts'
import { browserRouteAt } from './browser-routes.ts'
import { type Incoming, requireSession } from './incoming.ts'
import { organizationRouteAt } from './organization-routes.ts'
import { providerResponse } from './provider-routes.ts'

type Handler = (request: Request) => Promise<Response>
/** The route handlers for `app/api/[...path]/route.ts`. */
export type Handlers = Record<'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', Handler>

/**
 * Returns the handlers for all paths below `/api`. These are the routes for the session (such as sign-in), and the configured paths of your
 * API. No response contains a token.
 */
export function createHandlers(runtime: () => Runtime): Handlers {
  const handle: Handler = async (request) => {
    const shared = runtime()
    const config = configAt(shared.config, request.headers)
    if (config === null) return unsniffed(problemResponse('host_refused'))
    const known = { ...shared, config }
    const url = new URL(request.url)
    const response = await answer(request, known, url)
    appendClearedDuplicates(
      response.headers,
      request.headers.get('cookie'),
      browserPath(url.pathname),
      known.config,
    )
    return unsniffed(response)
  }
  async function answer(request: Request, known: Runtime, url: URL): Promise<Response> {
    const pathname = writtenPath(url.pathname)
    const provider = providerPathOf(pathname)
    const isFromProvider = isProviderForm(request.method, pathname)
    if (!changesNothing(request) && !isFromProvider && !isOwnOrigin(request.headers, known.config))
      return problemResponse('origin_refused')
    const incoming = {
      request,
      runtime: known,
      browser: browserDetailsOf(request.headers, known.config),
      cookieHeader: request.headers.get('cookie'),
    }

    if (provider !== null) return providerResponse(incoming, provider)
    const own = browserRouteAt(pathname) ?? organizationRouteAt(pathname)
    if (own) {
      const route = own[request.method]
      return route
        ? route(incoming)
        : problemResponse('method_not_allowed', {}, { allow: Object.keys(own).join(', ') })
    }
    const { config } = known
    const below = pathname.startsWith('/api/') ? pathname.slice('/api'.length) : ''
    const { organization, path } = organizationOfApiPath(config, below) ?? { organization: null, path: below }
    // At most one API has this path, because the config refuses two APIs with overlapping paths.
    const api = [...(config.api ? [config.api] : []), ...config.apis].find((one) => isForwarded(one, path))
    if (api === undefined) return problemResponse('not_found')
    // If the browser could load a file of the API as the script of a service worker, this script could replace all pages of this origin.
    if (request.headers.has('service-worker') && !api.trustsDocuments) return problemResponse('forbidden')
    const target = apiAddress(api, path)
    target.search = sentQuery(url)
    return forwardAsUser(incoming, { api, target, organization })
  }
  return { GET: handle, HEAD: handle, POST: handle, PUT: handle, PATCH: handle, DELETE: handle }
}

/** Sets `X-Content-Type-Options: nosniff`. Every response gets it, also refusals. */
function unsniffed(response: Response): Response {
  response.headers.set('x-content-type-options', 'nosniff')
  return response
}

type ForwardedTo = Pick<Forwarding, 'api' | 'target'> & {
  /** The organization of the address. Null if it names none. */
  organization: string | null
}

async function forwardAsUser(incoming: Incoming, { organization, ...where }: ForwardedTo): Promise<Response> {
  const { request, runtime, browser, cookieHeader } = incoming
  const session = await requireSession(incoming)
  if (session instanceof Response) return session
  const forward = async (by: { accessToken: string }): Promise<{ answer: Response; accessToken: string }> => {
    const access = organization === null ? by : await accessIn(incoming, by, organization)
    if (access instanceof Response) return { answer: access, accessToken: by.accessToken }
    const { accessToken } = access
    try {
      requireAudience(where.api, accessToken)
    } catch (error) {
      // Do not throw here. If the tokens were renewed for this request, only a response can bring them to the browser.
      console.error(`Sallyport: ${error instanceof Error ? error.message : error}`)
      return { answer: problemResponse('internal_error'), accessToken }
    }
    const answer = await forwardRequest(request, { ...where, accessToken, browser, config: runtime.config })
    return { answer, accessToken }
  }
  const { answer, accessToken } = await forward(session)
  if (asksForConfirmation(answer)) return withCookies(answer, session.changes, runtime)
  if (answer.status === 401) {
    runtime.outdate?.(accessToken)
    if (organization !== null) runtime.organizations?.forget(session.accessToken, organization, accessToken)
  }
  // The API may receive a change of roles before this Next app, and then refuse the token as stale. If the request changes nothing, the
  // token is renewed and the request is sent again.
  if (
    answer.status === 401 &&
    session.changes.length === 0 &&
    (request.method === 'GET' || request.method === 'HEAD') &&
    changesNothing(request) &&
    runtime.asksForRenewal(await codeOf(answer))
  ) {
    const renewed = await renewSession(runtime, cookieHeader, browser)
    if (renewed.kind !== 'signedIn') return withCookies(answer, renewed.changes, runtime)
    await answer.body?.cancel()
    return withCookies((await forward(renewed)).answer, renewed.changes, runtime)
  }
  return withCookies(answer, session.changes, runtime)
}

/** Returns the token for an organization, or the response that refuses the request. */
async function accessIn(
  { runtime, browser }: Incoming,
  session: { accessToken: string },
  organization: string,
): Promise<{ accessToken: string } | Response> {
  const access = await organizationAccess(runtime, session, organization, browser)
  switch (access.kind) {
    case 'member':
      return access
    case 'outside':
      return problemResponse('not_found')
    case 'confirm':
      return problemResponse('insufficient_user_authentication')
    case 'renewable':
      return problemResponse('token_stale')
    case 'ended':
      return problemResponse('session_ended')
    default:
      return problemResponse('unavailable', {}, { 'retry-after': '2' })
  }
}

/** The maximum size of a refusal's body, in bytes. If the body is longer, its error code is not read. */
const refusalLimitBytes = 16 * 1024

async function codeOf(answer: Response): Promise<unknown> {
  if (!/\bjson\b/i.test(answer.headers.get('content-type') ?? '')) return null
  const body = await boundedJson(answer.clone(), refusalLimitBytes).catch(() => null)
  return typeof body === 'object' && body !== null && 'code' in body ? body.code : null
}
