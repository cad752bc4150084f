import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'
import type { Logger } from 'pino'

declare global {
  namespace Express {
    interface Locals {
      requestId?: string
      /** The error code of the response. It is written to the log. */
      errorCode?: string
    }
  }
}

const requestIdHeader = 'x-request-id'
const acceptableId = /^[\w.-]{8,64}$/

/**
 * Gives every request an id. If `x-request-id` is well-formed, the id is taken from it. When the request has ended, one line is logged. The
 * line has the pattern of the route and never the URL, because the URL may contain a name that the user has searched for.
 */
export function requestLog(logger: Logger): RequestHandler {
  return (req, res, next) => {
    const started = performance.now()
    const given = req.headers[requestIdHeader]
    const requestId = typeof given === 'string' && acceptableId.test(given) ? given : randomUUID()
    res.locals.requestId = requestId
    // Sallyport's guards send their own responses. They use the id that is set here.
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
