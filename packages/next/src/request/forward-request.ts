import { type ErrorCode, problemResponse } from '@sallyport/protocol'
import type { ApiTarget } from '../config/api-target.ts'
import type { Config } from '../config/config.ts'
import type { BrowserDetails } from '../session/auth-server-client.ts'
import { rewriteLinks } from './api-links.ts'
import { decodedBody } from './decoded-body.ts'
import { headersForApi, headersForBrowser } from './forwarded-headers.ts'
import { bodyOf } from './request-body.ts'
import { protect } from './safe-answer.ts'
import { streamOf } from './stream-of.ts'
import { type Answer, askUpstream, type Failure } from './upstream.ts'

/** The target of a request, and the session with which it is sent. */
export type Forwarding = {
  api: ApiTarget
  /** The URL at the API. It consists of the configured URL and the checked path. */
  target: URL
  accessToken: string
  browser: BrowserDetails
  config: Pick<Config, 'appUrl'>
}

/**
 * Forwards a browser's request once, with the Bearer token, as a reverse proxy does (RFC 9110 section 7.6). Both bodies are streamed.
 * Headers about the connection or about the state of the whole origin are removed. Nothing in the request can change its target.
 */
export async function forwardRequest(request: Request, forwarding: Forwarding): Promise<Response> {
  const { target, accessToken, browser, api, config } = forwarding
  if (hasHiddenBody(request))
    return problemResponse('invalid_request', {
      detail: `A ${request.method} with a body cannot be forwarded. Send it as a POST.`,
    })
  const body = await bodyOf(request).catch(() => 'cut' as const)
  if (body === 'cut') return refusals.cut()
  const headers = headersForApi(request.headers, accessToken, browser, config)
  if (body?.length != null) headers['content-length'] = `${body.length}`
  else if (body !== null) headers['transfer-encoding'] = 'chunked'
  else if (request.headers.has('content-length')) headers['content-length'] = '0'

  const { method, signal } = request
  const answer = await askUpstream({ method, target, headers, body, timeouts: api.timeouts, signal })
  return typeof answer === 'string' ? refusals[answer]() : passedBack(request, answer, forwarding)
}

function passedBack(
  request: Request,
  { message, isSent }: Answer,
  { target, api, config }: Forwarding,
): Response {
  const status = message.statusCode ?? 0
  const headers = headersForBrowser(message.rawHeaders)
  const isNavigation = request.headers.get('sec-fetch-mode') === 'navigate'
  rewriteLinks(headers, { requested: target, api, appUrl: config.appUrl, isNavigation })
  protect(headers, { status, trustsDocuments: api.trustsDocuments })
  const decoded = decodedBody(message, headers)
  if (decoded === null || status < 200 || status > 599) {
    message.destroy()
    return problemResponse('upstream_failed', {
      detail:
        decoded === null
          ? 'The API answered with a part of a compressed body, which cannot be forwarded.'
          : 'The API answered with an invalid HTTP status.',
    })
  }
  const hasBody = request.method !== 'HEAD' && ![204, 205, 304].includes(status)
  if (!hasBody) message.resume()
  if (status === 204) headers.delete('content-length')
  if (status === 205 && headers.has('content-length')) headers.set('content-length', '0')
  const silenceMs = /^text\/event-stream\b/i.test(headers.get('content-type') ?? '')
    ? 0
    : api.timeouts.silenceMs
  const response = new Response(hasBody ? streamOf(decoded, { silenceMs, isSent }) : null, {
    status,
    statusText: /^[\t\x20-\x7e]*$/.test(message.statusMessage ?? '') ? (message.statusMessage ?? '') : '',
    headers,
  })
  keepLength(response.headers)
  return response
}

/**
 * Prevents Next from removing the header `Content-Length`. Next removes `content-length` in lower case from the response of a handler,
 * because the length would be wrong for a body that `fetch` has decoded. Here the length is right. Next does not remove the header if its
 * name has capital letters.
 */
function keepLength(headers: Headers): void {
  const forEach = headers.forEach.bind(headers)
  headers.forEach = (visit) =>
    forEach((value, name) => visit(value, name === 'content-length' ? 'Content-Length' : name, headers))
}

/** Returns whether a GET or HEAD has a body. Next and the fetch standard drop such a body, so it cannot be forwarded. */
function hasHiddenBody({ method, headers }: Request): boolean {
  const hasBody = headers.has('transfer-encoding') || Number(headers.get('content-length') ?? 0) !== 0
  return hasBody && (method === 'GET' || method === 'HEAD')
}

const refuse = (code: ErrorCode, detail: string, headers: HeadersInit = {}) =>
  problemResponse(code, { detail }, headers)

const refusals: Record<Failure, () => Response> = {
  unreached: () =>
    refuse('upstream_failed', 'The API cannot be reached. Nothing was sent. Try again in a moment.', {
      'retry-after': '2',
    }),
  broken: () =>
    refuse(
      'upstream_failed',
      'The API closed the connection without an answer. It may have carried out the request.',
    ),
  late: () => refuse('upstream_late', 'The API did not answer in time. It may have carried out the request.'),
  cut: () => refuse('invalid_request', 'The body is shorter than its Content-Length.'),
}
