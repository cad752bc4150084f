import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'
import type { Logger } from 'pino'

declare global {
  namespace Express {
    interface Locals {
      requestId?: string
      /** The code of the error in the response, for the log. */
      errorCode?: string
    }
  }
}

const requestIdHeader = 'x-request-id'
const acceptableId = /^[\w.-]{8,64}$/

/**
 * Gives every request an id, the one in `x-request-id` if that is well-formed, and logs one line when the request has
 * ended. It logs the route's pattern and never the URL, which may contain a searched name.
 */
export function requestLog(logger: Logger): RequestHandler {
  return (req, res, next) => {
    const started = performance.now()
    const given = req.headers[requestIdHeader]
    const requestId = typeof given === 'string' && acceptableId.test(given) ? given : randomUUID()
    res.locals.requestId = requestId
    // Sallyport's guards send their own responses, with the id from here.
    res.setHeader(requestIdHeader, requestId)
    res.once('close', () => {
      const whole = res.writableFinished
      logger[res.statusCode >= 500 ? 'error' : 'info'](
        {
          requestId,
          method: req.method,
          route: (req.route as { path?: string } | undefined)?.path ?? null,
          status: res.statusCode,
          code: res.locals.errorCode,
          userId: req.principal?.userId,
          ms: Math.round((performance.now() - started) * 10) / 10,
          ...(!whole && { aborted: true }),
        },
        'request',
      )
    })
    next()
  }
}
