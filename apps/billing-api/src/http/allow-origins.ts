import cors from 'cors'
import type { RequestHandler } from 'express'

/**
 * CORS for pages that share a parent domain with this API and call it with the browser's cookies. Allows only the listed origins,
 * never `*`. The verifier uses the same list to refuse changes from other origins.
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
    // The hosts below a shared parent domain are same-site; no other site needs this API.
    res.setHeader('cross-origin-resource-policy', 'same-site')
    permit(req, res, next)
  }
}
