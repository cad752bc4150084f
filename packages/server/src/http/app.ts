import { randomUUID } from 'node:crypto'
import { type ErrorCode, headers as headerNames, problemResponse } from '@sallyport/protocol'
import { AuthError } from '@sallyport/verify'
import { Hono } from 'hono'
import type { Context } from '../flows/context.ts'
import { FlowError } from '../flows/flow-error.ts'
import { deviceOf } from './client-address.ts'
import { clearedCookies, readCookies } from './cookies.ts'
import { allowOrigin, preflight } from './cors.ts'
import { logRequest, type RequestLog } from './request-log.ts'
import { type Route, routes } from './routes.ts'

/** What the Node adapter knows of the socket. */
export type Connection = { remoteAddress?: string | undefined }

/** The server as a `fetch` handler: one table of routes, one place that turns what is thrown into an answer. */
export function createApp(context: Context, log: RequestLog) {
  const app = new Hono<{ Bindings: { connection?: Connection } }>()
  for (const [path, methods] of Object.entries(routes)) {
    app.all(path, ({ req, env }) => {
      const route = Object.hasOwn(methods, req.method)
        ? methods[req.method as keyof typeof methods]
        : req.method === 'HEAD'
          ? methods.GET
          : undefined
      return answer(context, log, req.raw, path, env?.connection?.remoteAddress ?? null, route, [
        ...Object.keys(methods),
        'OPTIONS',
      ])
    })
  }
  app.all('*', ({ req, env }) =>
    answer(context, log, req.raw, '*', env?.connection?.remoteAddress ?? null, undefined, null),
  )
  return app
}

async function answer(
  context: Context,
  log: RequestLog,
  request: Request,
  route: string,
  address: string | null,
  handle: Route | undefined,
  allowed: string[] | null,
): Promise<Response> {
  const started = performance.now()
  const { config } = context
  const requestId = requestIdOf(request)
  let code: ErrorCode | undefined
  let response: Response
  try {
    if (allowed === null) throw new FlowError('not_found')
    if (request.method === 'OPTIONS') response = preflight(request, config, allowed)
    else if (handle === undefined) {
      code = 'method_not_allowed'
      response = problemResponse(code, { requestId }, { allow: allowed.join(', ') })
    } else {
      const cookies = readCookies(request.headers.get('cookie'), config)
      response = await handle(
        { request, config, cookies, device: deviceOf(request, address, config), requestId },
        context,
      )
    }
  } catch (error) {
    ;[response, code] = refusal(error, context, requestId)
    if (code === 'internal_error')
      log.error(
        {
          requestId,
          route,
          error:
            error instanceof Error
              ? { name: error.name, message: error.message, stack: error.stack }
              : { name: 'unknown' },
        },
        'fault',
      )
  }
  finish(response, request, context, requestId)
  logRequest(log, {
    requestId,
    method: request.method,
    route,
    status: response.status,
    ms: Math.round((performance.now() - started) * 10) / 10,
    ...(code && { code }),
  })
  return response
}

function refusal(error: unknown, { config }: Context, requestId: string): [Response, ErrorCode] {
  if (error instanceof AuthError) return [problemResponse(error.code, { requestId }), error.code]
  if (!(error instanceof FlowError))
    return [problemResponse('internal_error', { requestId }), 'internal_error']
  const response = problemResponse(error.code, { ...error.details, requestId })
  if (error.retryAfterSeconds !== null) response.headers.set('retry-after', String(error.retryAfterSeconds))
  if (error.clearCookies)
    for (const cookie of clearedCookies(config)) response.headers.append('set-cookie', cookie)
  return [response, error.code]
}

function finish(response: Response, request: Request, { config }: Context, requestId: string): void {
  const { headers } = response
  allowOrigin(headers, request.headers.get('origin'), config)
  headers.set('x-request-id', requestId)
  headers.set('x-content-type-options', 'nosniff')
  headers.set('referrer-policy', 'no-referrer')
  headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
  headers.set('cross-origin-resource-policy', config.cookieDomain ? 'same-site' : 'same-origin')
  if (config.issuer.startsWith('https:'))
    headers.set('strict-transport-security', 'max-age=31536000; includeSubDomains')
}

function requestIdOf(request: Request): string {
  const given = request.headers.get(headerNames.requestId)
  return given !== null && /^[\w-]{8,64}$/.test(given) ? given : randomUUID()
}
