import type { RequestHandler } from 'express'

/**
 * Sets the headers of every response. This API is called by servers, so no other origin may read its responses (except those in
 * allow-origins.ts). Responses are for one principal, so they must not be cached.
 */
export const answerHeaders: RequestHandler = (_req, res, next) => {
  res.setHeader('cache-control', 'private, no-store')
  res.setHeader('x-content-type-options', 'nosniff')
  res.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
  res.setHeader('cross-origin-resource-policy', 'same-origin')
  res.setHeader('referrer-policy', 'no-referrer')
  next()
}
