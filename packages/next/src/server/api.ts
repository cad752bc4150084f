import { asksForConfirmation, problem } from '@sallyport/protocol'
import type { ApiTarget } from '../config/api-target.ts'
import type { NamedApi } from '../config/apis.ts'
import type { Config } from '../config/config.ts'
import { apiAddress } from '../request/api-address.ts'
import { encodeApiBody } from '../request/api-body.ts'
import { browserDetailsOf } from '../request/browser-details.ts'
import { changesNothing, isOwnOrigin } from '../request/origin.ts'
import { isRenewable } from '../session/renewable.ts'
import type { Runtime } from '../session/runtime.ts'
import { requireAudience } from '../session/token-audience.ts'
import { readApiAnswer, readRefusal } from './api-answer.ts'
import type { ApiCallOptions } from './api-call-options.ts'
import { type ApiRequest, sendToApi } from './api-request.ts'
import { type Caller, organizationCaller, userCaller } from './caller.ts'
import type { CurrentOrganization } from './current-organization.ts'
import type { CurrentSession } from './current-session.ts'
import { toLogin } from './navigation.ts'
import { organizationAsked } from './organization-guard.ts'
import { ApiError } from './session-error.ts'

/** A successful answer with its status and headers, for example to read `Location` or `X-Total-Count`. */
export type ApiAnswer<T> = {
  /** The HTTP status, 200 to 299. */
  status: number
  /** The response headers. */
  headers: Headers
  /** The body, in the form that `get` returns. */
  data: T
}

/**
 * Calls your API for the signed-in user, with the Bearer token of the session. Answers are never cached. If a path is not below the
 * configured URL of the API, the call throws a TypeError. If the answer is not a success (2xx), it throws an {@link ApiError}.
 *
 * An answer in JSON is parsed. Text is returned as a string, any other media type as a `Blob`, and an empty body as null. The request body
 * is sent unchanged if it is `FormData`, `URLSearchParams`, a `Blob`, bytes, a stream or a string. Everything else is sent as JSON. If JSON
 * cannot represent a value, the call throws a TypeError before anything is sent. Without a body, `post`, `put` and `patch` send `{}`. See
 * docs/calling-your-api.md.
 */
export type Api = {
  /** Sends `GET`. */
  get<T>(path: string, options?: ApiCallOptions): Promise<T>
  /** Sends `POST`. */
  post<T>(path: string, body?: unknown, options?: ApiCallOptions): Promise<T>
  /** Sends `PUT`. */
  put<T>(path: string, body?: unknown, options?: ApiCallOptions): Promise<T>
  /** Sends `PATCH`. */
  patch<T>(path: string, body?: unknown, options?: ApiCallOptions): Promise<T>
  /** Sends `DELETE`. */
  delete<T>(path: string, options?: ApiCallOptions): Promise<T>
  /**
   * Sends a request with any of these methods or `HEAD`, and also returns the status and headers of the answer. A body is given in
   * `options`.
   */
  request<T>(
    method: string,
    path: string,
    options?: ApiCallOptions & { body?: unknown },
  ): Promise<ApiAnswer<T>>
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])

/** The default API. Each API of the option `apis` is a member of it. */
type NamedApis<Names extends string> = Api & { readonly [Name in Names]: Api }

/** The default API, the APIs of the option `apis`, and the same APIs with tokens for one organization. */
export type Apis<Names extends string> = NamedApis<Names> & {
  /**
   * Returns the same APIs with the token of one organization. Your API reads it as `principal.organizationId` (docs/organizations.md). The
   * argument is that of `auth.organization`. A call throws an {@link ApiError} with status 404 if the user is not a member, and with 401 if
   * the organization demands a more recent sign-in.
   *
   * @throws TypeError as `auth.organization`.
   * @example
   * const { slug } = await params
   * const invoices = await api.organization(slug).get<Invoice[]>('/invoices')
   */
  organization(slugOrId?: string): NamedApis<Names>
}

export function createApis<Names extends string>(
  runtime: () => Runtime,
  currentSession: () => Promise<CurrentSession>,
  currentOrganization: CurrentOrganization,
  names: readonly Names[],
): Apis<Names> {
  const all = (caller: Caller) =>
    Object.assign(
      createApi(runtime, caller),
      Object.fromEntries(names.map((name) => [name, createApi(runtime, caller, name)] as const)),
    ) as NamedApis<Names>
  return Object.assign(all(userCaller(runtime, currentSession)), {
    organization: (...asked: [slugOrId?: string]) =>
      all(organizationCaller(runtime, currentOrganization, organizationAsked('api.organization', asked))),
  })
}

export function createApi(runtime: () => Runtime, caller: Caller, name?: string): Api {
  async function request<T>(
    method: string,
    path: string,
    { body, ...options }: ApiCallOptions & { body?: unknown } = {},
  ): Promise<ApiAnswer<T>> {
    if (!methods.has(method))
      throw new TypeError(`api: ${JSON.stringify(method)} is not one of ${[...methods].join(', ')}.`)
    const known = runtime()
    const api = targetOf(known.config, name)
    const url = withSearch(apiAddress(api, path), options.search)
    const encoded = encodeApiBody(body)
    if (encoded.body !== null && (method === 'GET' || method === 'HEAD'))
      throw new TypeError(`api: ${method} cannot have a body. Put the values into \`search\`, or use POST.`)
    const call = await caller()
    const { request, accessToken } = call
    const isSafe = changesNothing({ method, headers: new Headers(options.headers) })
    if (!isSafe && !isOwnOrigin(request.headers, known.config))
      throw new ApiError(403, problem('origin_refused'))
    const browser = browserDetailsOf(request.headers, known.config)
    const apiUrl = api?.url ?? null
    const sent: ApiRequest = { apiUrl, method, url, encoded, options, requestId: browser.requestId }
    requireAudience(api, accessToken)
    return sendToApi(sent, async (send) => {
      let response = await send(accessToken)
      let refused = response.ok ? null : await readRefusal(response)
      // The refused token is marked as stale before it is renewed below. If it cannot be renewed below, the next request renews it.
      const isTokenRefused = response.status === 401 && !asksForConfirmation(response)
      if (isTokenRefused) call.outdate()
      const code = refused?.problem?.code
      // If the API sent our error code for an expired or stale token, it certainly did nothing. After any other 401 this is uncertain, so
      // only safe requests are repeated.
      const mayRepeat = isRenewable(code) || isSafe
      if (isTokenRefused && mayRepeat && known.asksForRenewal(code)) {
        const renewed = await call.renewed()
        if (renewed !== null) {
          if (!encoded.isRepeatable) throw new ApiError(401, problem('token_stale', { detail: streamIsGone }))
          requireAudience(api, renewed)
          response = await send(renewed)
          refused = response.ok ? null : await readRefusal(response)
        }
      }
      if (response.ok)
        return {
          status: response.status,
          headers: response.headers,
          data: (await readApiAnswer(response)) as T,
        }
      if (response.status === 401 && refused?.problem?.code === 'session_ended') {
        // The API received the revocation before this Next app did. Revoke the session here too, so that the next page refuses it.
        known.verifier.revokeLocally({ sid: call.sessionId })
        return toLogin(known.config, request.headers)
      }
      throw new ApiError(response.status, refused?.problem ?? null, refused?.body)
    })
  }

  const data = async <T>(...call: Parameters<Api['request']>): Promise<T> => (await request<T>(...call)).data
  const writing =
    (method: string): Api['post'] =>
    (path, body, options) =>
      data(method, path, { ...options, body: body === undefined ? {} : body })
  return {
    get: (path, options) => data('GET', path, options),
    post: writing('POST'),
    put: writing('PUT'),
    patch: writing('PATCH'),
    delete: (path, options) => data('DELETE', path, options),
    request,
  }
}

function targetOf({ api, apis }: Config, name: string | undefined): ApiTarget | NamedApi | null {
  return name === undefined ? api : (apis.find((one) => one.name === name) ?? null)
}

const streamIsGone =
  'The access token was renewed, but the body was a stream, which cannot be sent a second time. The API did nothing. Repeat the call with a new stream.'

function withSearch(url: URL, search: ApiCallOptions['search'] = {}): URL {
  for (const [name, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== '') url.searchParams.append(name, String(one))
    }
  }
  return url
}
