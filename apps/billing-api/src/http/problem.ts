import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import type { Logger } from 'pino'
import { BillingError, errorTable } from '../billing-error.ts'

/** An error as RFC 9457 writes it, in the shape that Sallyport's own answers have. */
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

/** Answers for an address that no route has. */
export const notFound: RequestHandler = () => {
  throw new BillingError('not_found')
}

/** The last handler of a route: answers for every method that the ones before it do not have. */
export const methodNotAllowed: RequestHandler = (req, res) => {
  const { methods } = req.route as { methods: Record<string, boolean> }
  const allowed = Object.keys(methods).filter((method) => method !== '_all')
  if (allowed.includes('get')) allowed.push('head')
  res.setHeader('allow', allowed.sort().join(', ').toUpperCase())
  throw new BillingError('method_not_allowed')
}

/** Throw anywhere: here is where it becomes an answer. What is not a refusal of ours is logged and not shown. */
export function answerErrors(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, req, res, _next) => {
    const error = toBillingError(thrown)
    res.locals.errorCode = error.code
    if (!(thrown instanceof BillingError) && error.status >= 500)
      logger.error({ err: thrown, requestId: res.locals.requestId }, 'request failed')
    if (res.headersSent) {
      // The status is out already: all that is left is to let the reader see that the answer is not whole.
      res.destroy()
      return
    }
    // What is left of a body that nobody reads would be taken for the next request.
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
  // Express throws errors with a status when the request is at fault, such as an address that cannot be decoded.
  const isRefusal = typeof status === 'number' && status >= 400 && status < 500
  return new BillingError(isRefusal ? 'invalid_request' : 'internal_error')
}
