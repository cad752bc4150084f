import type { Request, RequestHandler } from 'express'
import type { z } from 'zod'
import { BillingError } from '../billing-error.ts'
import { parseStrictJson } from './strict-json.ts'
import { validate } from './validate.ts'

const limitBytes = 64 * 1024
/** Milliseconds for which a body that is too large is still taken in and thrown away, so that its sender gets to read why. */
const lingerMs = 500
const jsonType = /^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i

/**
 * Reads the body of a request into `req.body`, as bytes and up to 64 KiB; put it behind the guard, so that a stranger's
 * are not read. Only `application/json` in UTF-8, not compressed. (Express's own parser takes the last of two equal
 * keys, and reads a body that is too large to its end, however far that is.)
 *
 * @throws BillingError `unsupported_media_type`, `payload_too_large`, or `invalid_request` if the body breaks off.
 */
export const jsonBody: RequestHandler = async (req, _res, next) => {
  if (hasBody(req)) {
    const { 'content-type': type = '', 'content-encoding': encoding } = req.headers
    if (!jsonType.test(type) || encoding !== undefined) throw new BillingError('unsupported_media_type')
    req.body = await readBytes(req)
  }
  next()
}

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

async function readBytes(req: Request): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  let giveUpAt = Number.POSITIVE_INFINITY
  try {
    // To end the loop must not end the connection: the answer is still to go out on it.
    const body: AsyncIterable<Buffer> = req.iterator({ destroyOnReturn: false })
    for await (const chunk of body) {
      bytes += chunk.length
      if (bytes <= limitBytes) chunks.push(chunk)
      else if (giveUpAt === Number.POSITIVE_INFINITY) giveUpAt = performance.now() + lingerMs
      if (performance.now() > giveUpAt) break
    }
  } catch {
    throw new BillingError('invalid_request', [{ field: '', message: 'The body breaks off.' }])
  }
  if (bytes > limitBytes) throw new BillingError('payload_too_large')
  return Buffer.concat(chunks)
}
