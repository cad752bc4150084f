import cors from 'cors'
import type { RequestHandler } from 'express'

/**
 * Sets the CORS headers. They are for pages that have a common parent domain with this API and call it with the browser's cookies. Only the
 * origins in `origins` are allowed, never `*`. The verifier gets the same origins. If a request that changes data comes from any other
 * origin, the verifier refuses it.
 */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  const permit = cors({
    origin: [...origins],
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['content-type', 'authorization', 'idempotency-key'],
    exposedHeaders: ['www-authenticate', 'x-request-id'],
    maxAge: 600,
  })
  return (req, res, next) => {
    // Hosts below a common parent domain are the same site. Pages of other sites do not need this API.
    res.setHeader('cross-origin-resource-policy', 'same-site')
    permit(req, res, next)
  }
}
