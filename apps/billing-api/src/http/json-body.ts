import express, { type Request, type RequestHandler } from 'express'
import type { z } from 'zod'
import { BillingError } from '../billing-error.ts'
import { parseStrictJson } from './strict-json.ts'
import { validate } from './validate.ts'

const limitBytes = 64 * 1024
const jsonType = /^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i

/**
 * Reads the body of a request, up to 64 KiB; put it behind the guard, so that a stranger's bytes are not read. Only
 * `application/json` in UTF-8, not compressed.
 */
export const jsonBody: readonly RequestHandler[] = [
  (req, _res, next) => {
    if (hasBody(req) && !jsonType.test(req.headers['content-type'] ?? ''))
      throw new BillingError('unsupported_media_type')
    next()
  },
  // Raw, because Express's own JSON parser accepts what `parseStrictJson` refuses.
  express.raw({ type: () => true, limit: limitBytes, inflate: false }),
]

/** The body that {@link jsonBody} has read, as the schema describes it. No body is `undefined`. */
export function bodyOf<Schema extends z.ZodType>(req: Request, schema: Schema): z.output<Schema> {
  const bytes: unknown = req.body
  return validate(
    schema,
    bytes instanceof Uint8Array && bytes.length > 0 ? parseStrictJson(bytes) : undefined,
  )
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
