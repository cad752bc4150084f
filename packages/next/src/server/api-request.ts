import { problem } from '@sallyport/protocol'
import type { ApiBody } from '../request/api-body.ts'
import { isSafeMethod } from '../request/origin.ts'
import { AudienceMissing } from '../session/token-audience.ts'
import type { ApiCallOptions } from './api-call-options.ts'
import { ApiError } from './session-error.ts'

/** One call to an API, without the token. */
export type ApiRequest = {
  /** The URL of the API. A redirect is followed only if its target is below this URL. */
  apiUrl: URL | null
  method: string
  url: URL
  encoded: ApiBody
  options: Pick<ApiCallOptions, 'headers' | 'signal' | 'timeoutSeconds'>
  requestId: string | null
}

/** The default timeout of a call, in seconds. */
const defaultTimeoutSeconds = 30
const maxRedirects = 5

/**
 * Calls `use` with a function that sends the request. One timeout applies to everything that `use` does, including reading the answer.
 * Network failures throw an {@link ApiError}.
 *
 * @throws TypeError for invalid options, before anything is sent.
 */
export async function sendToApi<T>(
  call: ApiRequest,
  use: (send: (accessToken: string) => Promise<Response>) => Promise<T>,
): Promise<T> {
  const { signal, timeoutSeconds = defaultTimeoutSeconds } = call.options
  if (!(timeoutSeconds > 0 && timeoutSeconds <= 3600))
    throw new TypeError(`api: \`timeoutSeconds\` is ${timeoutSeconds}; give a number above 0, up to 3600.`)
  const headers = headersOf(call)
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000)
  const ending = signal ? AbortSignal.any([signal, timeout]) : timeout
  let isUsing = false
  try {
    return await use(async (accessToken) => {
      headers.set('authorization', `Bearer ${accessToken}`)
      isUsing = true
      return follow(call, headers, ending)
    })
  } catch (error) {
    if (error instanceof ApiError || error instanceof AudienceMissing || !isUsing) throw error
    signal?.throwIfAborted()
    if (timeout.aborted)
      throw new ApiError(
        504,
        problem('upstream_late', {
          detail: `The API did not answer within ${timeoutSeconds} seconds.${unknown(call)}`,
        }),
      )
    if (error instanceof TypeError)
      throw new ApiError(
        502,
        problem('upstream_failed', {
          detail: `The API cannot be reached, or it closed the connection too early.${unknown(call)}`,
        }),
      )
    throw error
  }
}

/**
 * Sends the request. It follows a redirect only if two conditions are true: the target is below the URL of the API, and the method and body
 * stay the same. The token is never sent elsewhere.
 */
async function follow(call: ApiRequest, headers: Headers, signal: AbortSignal): Promise<Response> {
  const { method, encoded } = call
  let { url } = call
  for (let redirects = 0; ; redirects++) {
    const response = await fetch(url, {
      method,
      headers,
      body: encoded.body,
      cache: 'no-store',
      redirect: 'manual',
      signal,
      // If the body is a stream, the fetch standard requires `duplex`. The DOM types do not have it.
      ...(encoded.body instanceof ReadableStream && { duplex: 'half' }),
    })
    const location = response.headers.get('location')
    if (response.status < 300 || response.status > 399 || response.status === 304 || location === null)
      return response
    await response.body?.cancel()
    const target = URL.canParse(location, url) ? new URL(location, url) : null
    if (target === null || !isWithin(target, call))
      throw refusal(call, response.status, 'its target is outside of the URL of the API')
    // 307 and 308 repeat the same request (RFC 9110 section 15.4.8). Other redirects change a POST to GET. Then it is unknown whether the
    // POST was carried out.
    const isSame = isSafeMethod(method) || response.status === 307 || response.status === 308
    if (!isSame) throw refusal(call, response.status, 'it would not repeat the same request')
    if (!encoded.isRepeatable)
      throw refusal(call, response.status, 'the body was a stream, which cannot be sent a second time')
    if (redirects === maxRedirects)
      throw refusal(call, response.status, `there were ${maxRedirects} redirects before it`)
    url = target
  }
}

function isWithin(target: URL, { apiUrl }: ApiRequest): boolean {
  const base = apiUrl?.pathname.replace(/\/$/, '')
  return target.origin === apiUrl?.origin && target.pathname.startsWith(`${base}/`)
}

/** Returns the error for a redirect, with the API's own status. Whether the request was carried out is unknown. */
function refusal(call: ApiRequest, status: number, why: string): ApiError {
  const detail = `The API answered with a redirect (${status}). It is not followed, because ${why}.${unknown(call)}`
  return new ApiError(status, { ...problem('upstream_failed', { detail }), status }, null)
}

function unknown({ method }: ApiRequest): string {
  return isSafeMethod(method) ? '' : ' It is unknown whether the request was carried out.'
}

function headersOf({ options, encoded, requestId }: ApiRequest): Headers {
  const headers = new Headers(options.headers)
  if (headers.has('content-type') && encoded.body instanceof FormData)
    throw new TypeError(
      'api: leave out `content-type` with FormData. `fetch` sets it, because it contains the boundary that `fetch` chooses.',
    )
  if (!headers.has('accept')) headers.set('accept', 'application/json')
  if (encoded.contentType !== null && !headers.has('content-type'))
    headers.set('content-type', encoded.contentType)
  if (requestId) headers.set('x-request-id', requestId)
  return headers
}
