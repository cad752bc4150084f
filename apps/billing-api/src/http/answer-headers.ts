import type { RequestHandler } from 'express'

/**
 * The headers of every answer. This API talks to servers: unless told otherwise (see allow-origins.ts) it gives no other origin
 * leave to read anything, and what it says is for one principal, so nobody keeps it.
 */
export const answerHeaders: RequestHandler = (_req, res, next) => {
  res.setHeader('cache-control', 'private, no-store')
  res.setHeader('x-content-type-options', 'nosniff')
  res.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
  res.setHeader('cross-origin-resource-policy', 'same-origin')
  res.setHeader('referrer-policy', 'no-referrer')
  next()
}
