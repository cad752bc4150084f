import type { Endpoint } from '@sallyport/protocol/endpoints'
import type { Refused } from '../session/auth-server-answer.ts'
import type { Runtime } from '../session/runtime.ts'
import { appendCookies, type CookieChange } from '../session/session-cookies.ts'

/** Returns a JSON response that no cache may store. */
export function jsonResponse(
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response {
  return Response.json(body, {
    status,
    headers: {
      ...headers,
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    },
  })
}

export function emptyResponse(): Response {
  return new Response(null, { status: 204, headers: { 'cache-control': 'private, no-store' } })
}

/** Returns the response of an endpoint, with the first status in `answers` of the endpoint. */
export function answerOf({ answers }: Endpoint, { ok: _, ...body }: { ok: true; data?: unknown }): Response {
  const [[status, { schema, fileName }] = ['204', {}]] = Object.entries(answers)
  if (schema === undefined) return emptyResponse()
  if (fileName === undefined) return jsonResponse(body, { status: Number(status) })
  return jsonResponse(body.data, {
    headers: { 'content-disposition': `attachment; filename="${fileName}"` },
  })
}

/** Returns the auth server's refusal as a response. */
export function refusal({ problem, retryAfterSeconds = 2 }: Refused): Response {
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'cache-control': 'private, no-store',
  })
  if (problem.status === 503 || problem.status === 429) headers.set('retry-after', `${retryAfterSeconds}`)
  return new Response(JSON.stringify(problem), { status: problem.status, headers })
}

export function withCookies(
  response: Response,
  changes: readonly CookieChange[],
  { config }: Pick<Runtime, 'config'>,
): Response {
  appendCookies(response.headers, changes, config)
  return response
}
