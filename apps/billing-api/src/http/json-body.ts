import type { Request, RequestHandler } from 'express'
import type { z } from 'zod'
import { BillingError } from '../billing-error.ts'
import { parseStrictJson } from './strict-json.ts'
import { validate } from './validate.ts'

const limitBytes = 64 * 1024
/** If a body is too large, the rest of it is read and discarded for this long (ms), so that its sender can read the response. */
const lingerMs = 500
const jsonType = /^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i

/**
 * Reads the body of a request into `req.body`, as bytes. The maximum is 64 KiB. Use it after the guard, so that bodies of anonymous
 * requests are not read. It accepts only uncompressed `application/json` in UTF-8. Express's own parser is not used, because it accepts
 * duplicate keys, and because it reads a body to the end even if the body is too large.
 *
 * @throws BillingError `unsupported_media_type`, `payload_too_large`, or `invalid_request` if the body is incomplete.
 */
export const jsonBody: RequestHandler = async (req, _res, next) => {
  if (hasBody(req)) {
    const { 'content-type': type = '', 'content-encoding': encoding } = req.headers
    if (!jsonType.test(type) || encoding !== undefined) throw new BillingError('unsupported_media_type')
    req.body = await readBytes(req)
  }
  next()
}

/** Validates the body that {@link jsonBody} has read. If the body is empty, `undefined` is validated. */
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
    // When the loop ends, the connection must not be closed, because the response must still be sent.
    const body: AsyncIterable<Buffer> = req.iterator({ destroyOnReturn: false })
    for await (const chunk of body) {
      bytes += chunk.length
      if (bytes <= limitBytes) chunks.push(chunk)
      else if (giveUpAt === Number.POSITIVE_INFINITY) giveUpAt = performance.now() + lingerMs
      if (performance.now() > giveUpAt) break
    }
  } catch {
    throw new BillingError('invalid_request', [{ field: '', message: 'The body is incomplete.' }])
  }
  if (bytes > limitBytes) throw new BillingError('payload_too_large')
  return Buffer.concat(chunks)
}
