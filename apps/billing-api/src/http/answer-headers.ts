import type { RequestHandler } from 'express'

/**
 * Sets the headers of every response. Usually only servers call this API, so pages of other origins may not read its responses. For
 * exceptions, see allow-origins.ts. Each response is for one principal, so it must not be cached.
 */
export const answerHeaders: RequestHandler = (_req, res, next) => {
  res.setHeader('cache-control', 'private, no-store')
  res.setHeader('x-content-type-options', 'nosniff')
  res.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
  res.setHeader('cross-origin-resource-policy', 'same-origin')
  res.setHeader('referrer-policy', 'no-referrer')
  next()
}
