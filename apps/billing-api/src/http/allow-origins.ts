import cors from 'cors'
import type { RequestHandler } from 'express'

/**
 * For pages that share a parent domain with this API and call it with the browser's cookies: permission for the listed origins
 * and for no other, never `*`. What such a page may change is decided by the verifier, from the same list.
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
    // The hosts below a shared parent domain are one site, and no other site has business here.
    res.setHeader('cross-origin-resource-policy', 'same-site')
    permit(req, res, next)
  }
}
