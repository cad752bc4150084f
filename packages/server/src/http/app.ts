import { randomUUID } from 'node:crypto'
import { type ErrorCode, headers as headerNames, problemResponse } from '@sallyport/protocol'
import { untrustedProxyNotice } from '@sallyport/protocol/trusted-proxy-hops'
import { AuthError } from '@sallyport/verify'
import { Hono } from 'hono'
import { asRefusal } from '../flows/operator/readiness.ts'
import type { Context, Limit } from '../services/context.ts'
import { FlowError, type Refusal } from '../services/flow-error.ts'
import { inRequestSpan, noteAnswer, type Span } from '../telemetry/traces.ts'
import { requireCleanParameters } from './clean-text.ts'
import { sourceOf } from './client-address.ts'
import { clearedCookies, clearedDuplicatesOf, readCookies } from './cookies.ts'
import { allowOrigin, preflight } from './cors.ts'
import { bearerOf } from './exchange.ts'
import { setLimits } from './rate-limit.ts'
import { logFault, logRequest, type RequestLog } from './request-log.ts'
import { type Methods, routesOf } from './routes.ts'
import { setSecurityHeaders } from './security-headers.ts'
import { isBasic } from './service-credential.ts'

/** The data of the socket that the Node adapter passes to the server. */
export type Connection = { remoteAddress?: string | undefined }

/** The response to a request, and the data that is logged with it. */
type Outcome = { response: Response; code?: ErrorCode; refusal?: Refusal }

/**
 * Creates the server as a `fetch` handler. The text of a response may be stored separately from the `Response`, because that is faster (see
 * light-answer.ts). All routes are in one table, and errors are converted to responses in one place.
 */
export function createApp(context: Context, log: RequestLog) {
  const { config, metrics } = context
  let warnedOfProxy = false

  /**
   * Logs one warning if requests come through a proxy that is not configured as trusted. In this case, the throttles count all visitors as
   * one.
   */
  function warnOfUntrustedProxy({ headers }: Request): void {
    if (warnedOfProxy || config.trustedProxyHops > 0 || headers.has(headerNames.frontendCredential)) return
    const notice = untrustedProxyNotice(headers.get('x-forwarded-for'))
    if (notice === null) return
    warnedOfProxy = true
    log.warn(notice)
  }

  async function answer(
    request: Request,
    connection: Connection | undefined,
    route: string,
    methods: Methods | null,
    parameters: Record<string, string> = {},
  ): Promise<Response> {
    return inRequestSpan(request.headers, { method: request.method, route }, (span) =>
      answerWithin(span, request, connection, route, methods, parameters),
    )
  }

  async function answerWithin(
    span: Span,
    request: Request,
    connection: Connection | undefined,
    route: string,
    methods: Methods | null,
    parameters: Record<string, string>,
  ): Promise<Response> {
    const started = performance.now()
    const requestId = requestIdOf(request)
    const limits: Limit[] = []
    const { response, code, refusal } = await handle(request, connection, methods, parameters, limits).catch(
      (thrown: unknown): Outcome => {
        const error = asRefusal(thrown, context)
        if (error !== thrown) metrics.countDatabaseError()
        if (!(error instanceof FlowError) && !(error instanceof AuthError))
          logFault(log, { requestId, route }, error)
        return refuse(error, requestId, request)
      },
    )
    for (const cookie of clearedDuplicatesOf(request, config)) response.headers.append('set-cookie', cookie)
    allowOrigin(response.headers, request.headers.get('origin'), config)
    setSecurityHeaders(response.headers, config)
    response.headers.set('x-request-id', requestId)
    setLimits(response.headers, limits)
    const { method } = request
    const { status } = response
    const ms = performance.now() - started
    metrics.countRequest({ route, method, status }, ms)
    noteAnswer(span, { status, code })
    logRequest(log, {
      requestId,
      method,
      route,
      status,
      ms: Math.round(ms * 10) / 10,
      ...(code && { code }),
      ...(refusal?.reason && { reason: refusal.reason }),
      ...(refusal?.sessionId && { sessionId: refusal.sessionId }),
    })
    return method === 'HEAD' ? withoutBody(response) : response
  }

  async function handle(
    request: Request,
    connection: Connection | undefined,
    methods: Methods | null,
    parameters: Record<string, string>,
    limits: Limit[],
  ): Promise<Outcome> {
    warnOfUntrustedProxy(request)
    if (methods === null) throw new FlowError('not_found')
    const allowed = [...Object.keys(methods), ...('GET' in methods ? ['HEAD'] : []), 'OPTIONS']
    if (request.method === 'OPTIONS') return { response: preflight(request, config, allowed) }
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const route = Object.hasOwn(methods, method) ? methods[method as keyof Methods] : undefined
    if (route === undefined) {
      const code = 'method_not_allowed'
      return {
        response: problemResponse(code, { requestId: requestIdOf(request) }, { allow: allowed.join(', ') }),
        code,
      }
    }
    requireCleanParameters(parameters)
    const exchange = {
      request,
      config,
      cookies: readCookies(request.headers.get('cookie'), config),
      bearer: bearerOf(request.headers),
      source: sourceOf(
        request,
        { socketAddress: connection?.remoteAddress ?? null, requestId: requestIdOf(request), limits },
        config,
      ),
      parameters,
    }
    return { response: await route(exchange, context) }
  }

  function refuse(error: unknown, requestId: string, request: Request): Outcome {
    if (error instanceof AuthError)
      return {
        response: problemResponse(error.code, { requestId }),
        code: error.code,
        refusal: { reason: error.reason },
      }
    if (!(error instanceof FlowError))
      return { response: problemResponse('internal_error', { requestId }), code: 'internal_error' }
    const { code, refusal } = error
    const response = problemResponse(code, { ...refusal.details, requestId })
    if (code === 'client_unauthorized' && isBasic(request.headers))
      response.headers.set('www-authenticate', 'Basic realm="verifiers"')
    if (refusal.retryAfterSeconds) response.headers.set('retry-after', String(refusal.retryAfterSeconds))
    if (refusal.clearCookies && request.headers.has('cookie'))
      for (const cookie of clearedCookies(config)) response.headers.append('set-cookie', cookie)
    return { response, code, refusal }
  }

  // Do not decode the path. The rules of a proxy treat `/api/auth/%6cogin` as a different path, so this server must do the same.
  const app = new Hono<{ Bindings: { connection?: Connection } }>({
    getPath: (request) => new URL(request.url).pathname,
  })
  for (const [path, methods] of Object.entries(routesOf(config)))
    app.all(path, ({ req, env }) => answer(req.raw, env?.connection, path, methods, req.param()))
  app.all('*', ({ req, env }) => answer(req.raw, env?.connection, '*', null))
  return app
}

/** Removes the body. If the body is a stream, it must be cancelled. Otherwise the stream never stops reading the revocations. */
async function withoutBody(response: Response): Promise<Response> {
  await response.body?.cancel()
  return new Response(null, response)
}

const requestIds = new WeakMap<Request, string>()

/**
 * Returns the request id that the caller sent, so that one request can be followed through several processes. If there is no id, or if it
 * does not consist of 8 to 64 letters, digits, `_` and `-`, returns a new id.
 */
function requestIdOf(request: Request): string {
  const given = request.headers.get(headerNames.requestId)
  const id = requestIds.get(request) ?? (given !== null && /^[\w-]{8,64}$/.test(given) ? given : randomUUID())
  requestIds.set(request, id)
  return id
}
