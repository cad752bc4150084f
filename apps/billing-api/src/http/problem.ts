import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import type { Logger } from 'pino'
import { BillingError, errorTable } from '../billing-error.ts'

/** An error by RFC 9457, in the same shape as Sallyport's own responses. */
export function problem(error: BillingError, requestId?: string) {
  return {
    type: `urn:billing:error:${error.code}`,
    title: errorTable[error.code].title,
    status: error.status,
    code: error.code,
    ...(requestId !== undefined && { requestId }),
    ...(error.errors !== undefined && { errors: error.errors }),
  }
}

/** The handler for unknown paths. */
export const notFound: RequestHandler = () => {
  throw new BillingError('not_found')
}

/** The last handler of a route. It is for all methods that the route does not support. */
export const methodNotAllowed: RequestHandler = (req, res) => {
  const { methods } = req.route as { methods: Record<string, boolean> }
  const allowed = Object.keys(methods).filter((method) => method !== '_all')
  if (allowed.includes('get')) allowed.push('head')
  res.setHeader('allow', allowed.sort().join(', ').toUpperCase())
  throw new BillingError('method_not_allowed')
}

/** Turns every thrown error into a response. Unexpected errors are logged and not shown. */
export function answerErrors(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, req, res, _next) => {
    const error = toBillingError(thrown)
    res.locals.errorCode = error.code
    if (!(thrown instanceof BillingError) && error.status >= 500)
      logger.error({ err: thrown, requestId: res.locals.requestId }, 'request failed')
    if (res.headersSent) {
      // The status was sent already: abort the connection, so that the client sees an incomplete response.
      res.destroy()
      return
    }
    // If the body was not read to its end, the connection is closed, because the rest of the body would be parsed as the next request.
    if (!req.complete) res.setHeader('connection', 'close')
    sendProblem(res, error)
  }
}

function sendProblem(res: Response, error: BillingError): void {
  res.status(error.status)
  if (error.status === 503) res.setHeader('retry-after', '1')
  res.setHeader('content-type', 'application/problem+json')
  res.end(JSON.stringify(problem(error, res.locals.requestId)))
}

function toBillingError(thrown: unknown): BillingError {
  if (thrown instanceof BillingError) return thrown
  const { status, code } = (thrown ?? {}) as { status?: unknown; code?: unknown }
  if (typeof code === 'string' && code.startsWith('SQLITE_BUSY')) return new BillingError('unavailable')
  // Express throws errors with a status for invalid requests, such as a path that cannot be decoded.
  const isRefusal = typeof status === 'number' && status >= 400 && status < 500
  return new BillingError(isRefusal ? 'invalid_request' : 'internal_error')
}
