import { type Problem, problem, problemSchema } from '@sallyport/protocol'
import { apiAddress } from '../request/api-address.ts'
import { callerOf } from '../request/caller.ts'
import { isOwnOrigin, isSafeMethod } from '../request/origin.ts'
import { isOutOfDate } from '../session/out-of-date.ts'
import { renewSession } from '../session/resolve-session.ts'
import type { Runtime } from '../session/runtime.ts'
import type { CurrentSession } from './current-session.ts'
import { redirect } from './navigation.ts'
import { ApiError } from './session-error.ts'

type Scalar = string | number | boolean
export type ApiCallOptions = {
  /** The query; `undefined`, `null` and empty strings are left out, an array repeats its name. */
  search?: Record<string, Scalar | readonly Scalar[] | null | undefined>
  headers?: HeadersInit
  signal?: AbortSignal
}

/**
 * Your API, called for the person who is signed in: the Bearer token is attached here and nowhere else, and no answer is ever
 * cached. A path that leaves the configured API is a TypeError; an answer that is no success is an {@link ApiError}.
 */
export type Api = {
  get<T>(path: string, options?: ApiCallOptions): Promise<T>
  post<T>(path: string, body?: unknown, options?: ApiCallOptions): Promise<T>
  put<T>(path: string, body?: unknown, options?: ApiCallOptions): Promise<T>
  patch<T>(path: string, body?: unknown, options?: ApiCallOptions): Promise<T>
  delete<T>(path: string, options?: ApiCallOptions): Promise<T>
}

/** Milliseconds that the API has to answer a call from a page. */
const callTimeoutMs = 30_000

export function createApi(runtime: () => Runtime, currentSession: () => Promise<CurrentSession>): Api {
  async function call<T>(
    method: string,
    path: string,
    body: unknown,
    options: ApiCallOptions = {},
  ): Promise<T> {
    const known = runtime()
    const { request, session, isForeign } = await currentSession()
    if (isForeign) throw new ApiError(403, problem('origin_refused'))
    if (session === null) throw new ApiError(401, problem('token_missing'))
    if (!isSafeMethod(method) && !isOwnOrigin(request.headers, known.config))
      throw new ApiError(403, problem('origin_refused'))
    const caller = callerOf(request.headers, known.config)
    const send = async (accessToken: string): Promise<Response> => {
      const headers = new Headers(options.headers)
      headers.set('accept', 'application/json')
      headers.set('authorization', `Bearer ${accessToken}`)
      if (caller.requestId) headers.set('x-request-id', caller.requestId)
      if (body !== undefined) headers.set('content-type', 'application/json')
      const timeout = AbortSignal.timeout(callTimeoutMs)
      try {
        return await fetch(withSearch(apiAddress(known.config.api, path), options.search), {
          method,
          headers,
          body: body === undefined ? null : JSON.stringify(body),
          cache: 'no-store',
          redirect: 'manual',
          signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
        })
      } catch (error) {
        options.signal?.throwIfAborted()
        if (error instanceof TypeError || timeout.aborted) throw new ApiError(502, problem('upstream_failed'))
        throw error
      }
    }

    let response = await send(session.accessToken)
    let refused = response.ok ? null : await problemOf(response)
    // First of all: what is renewed below is then another token, and where nothing is, the next request renews.
    if (response.status === 401) known.outdate?.(session.accessToken)
    // Our codes say that nothing has been done. A mere 401 may come from anywhere: only what changes nothing is sent again after it.
    const mayRepeat = isOutOfDate(refused?.code) || isSafeMethod(method)
    if (response.status === 401 && mayRepeat && known.asksForRenewal(refused?.code) && request.isWritable()) {
      const renewed = await renewSession(known, request.cookieHeader, caller)
      if ('changes' in renewed) request.setCookies(renewed.changes)
      if (renewed.kind === 'signedIn') {
        response = await send(renewed.accessToken)
        refused = response.ok ? null : await problemOf(response)
      }
    }
    if (response.ok) return (response.status === 204 ? undefined : await parsed(response)) as T
    if (response.status === 401 && refused?.code === 'session_ended') {
      // The API has heard of the end before these pages have: believe it, so that the next page does too.
      known.verifier.revokeLocally({ sid: session.principal.sessionId })
      return redirect(known.config.loginPath)
    }
    const isRedirect = response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)
    throw isRedirect ? new ApiError(502, problem('upstream_failed')) : new ApiError(response.status, refused)
  }

  return {
    get: (path, options) => call('GET', path, undefined, options),
    post: (path, body, options) => call('POST', path, body ?? {}, options),
    put: (path, body, options) => call('PUT', path, body ?? {}, options),
    patch: (path, body, options) => call('PATCH', path, body ?? {}, options),
    delete: (path, options) => call('DELETE', path, undefined, options),
  }
}

async function problemOf(response: Response): Promise<Problem | null> {
  const body = problemSchema.safeParse(await response.json().catch(() => null))
  return body.success ? body.data : null
}

async function parsed(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    throw new ApiError(
      502,
      problem('upstream_failed', { detail: 'The API answered with something that is not JSON.' }),
    )
  }
}

function withSearch(url: URL, search: ApiCallOptions['search'] = {}): URL {
  for (const [name, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== '') url.searchParams.append(name, String(one))
    }
  }
  return url
}
