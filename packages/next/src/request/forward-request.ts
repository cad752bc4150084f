import { problemResponse } from '@sallyport/protocol'
import type { Caller } from '../session/issuer.ts'

/** What a browser may tell the API, and the API the browser; everything else stays here. Cookies above all. */
const requestHeaders = [
  'accept',
  'accept-language',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'last-event-id',
  'range',
]
const responseHeaders = [
  'accept-ranges',
  'allow',
  'content-disposition',
  'content-language',
  'content-range',
  'content-type',
  'deprecation',
  'etag',
  'last-modified',
  'link',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'sunset',
  'www-authenticate',
  'x-request-id',
]

/** Milliseconds until the first byte of the answer; a stream may take as long as it likes after that. */
const answerTimeoutMs = 60_000

/**
 * Sends a browser's request on with the Bearer token attached, and streams both ways. The address is the caller's, from
 * configuration; nothing of the browser's request steers where it goes.
 */
export async function forwardRequest(
  request: Request,
  target: URL,
  accessToken: string,
  caller: Caller,
): Promise<Response> {
  const headers = new Headers({ authorization: `Bearer ${accessToken}`, 'accept-encoding': 'identity' })
  for (const name of requestHeaders) {
    const value = request.headers.get(name)
    if (value !== null) headers.set(name, value)
  }
  if (caller.requestId) headers.set('x-request-id', caller.requestId)

  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), answerTimeoutMs)
  const hasBody = request.body !== null && request.method !== 'GET' && request.method !== 'HEAD'
  try {
    const answer = await fetch(target, {
      method: request.method,
      headers,
      body: hasBody ? request.body : null,
      cache: 'no-store',
      redirect: 'manual',
      signal: AbortSignal.any([request.signal, abort.signal]),
      // Asked for by the fetch standard when a body is a stream; the DOM types do not have it yet.
      ...(hasBody && { duplex: 'half' }),
    })
    if (answer.status >= 300 && answer.status < 400 && answer.status !== 304) {
      await answer.body?.cancel()
      return problemResponse('upstream_failed', {
        detail: 'The API answered with a redirect, which is not passed on.',
      })
    }
    return new Response(answer.body, { status: answer.status, headers: passedBack(answer.headers) })
  } catch {
    return problemResponse(
      'upstream_failed',
      { detail: 'The API cannot be reached. Try again shortly.' },
      { 'retry-after': '2' },
    )
  } finally {
    clearTimeout(timer)
  }
}

function passedBack(from: Headers): Headers {
  const headers = new Headers({
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  })
  for (const name of responseHeaders) {
    const value = from.get(name)
    if (value !== null) headers.set(name, value)
  }
  return headers
}
