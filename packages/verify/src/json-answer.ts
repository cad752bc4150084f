import { readBoundedBody } from '@sallyport/protocol/bounded-body'

/** The maximum size of a response in bytes. No valid key set or introspection is larger. */
const maximumBytes = 64 * 1024

/** `application/json` or any type that ends in `+json` (RFC 6839 section 3.1), with or without parameters. */
const jsonType = /^application\/(?:[\w.!#$&^-]+\+)?json\s*(?:;|$)/i

/** An unexpected response. The message names the status or media type, and does not hold the response. */
export class UnexpectedAnswer extends Error {
  readonly status: number

  constructor(response: Response, expected: string) {
    const type = response.headers.get('content-type') ?? 'no media type'
    super(
      response.status === 200
        ? `answers ${type.slice(0, 100)} instead of ${expected}`
        : `answers ${response.status}`,
    )
    this.status = response.status
  }
}

/**
 * Reads an answer that has to be JSON: status 200, a media type of JSON, and at most 64 KB. A proxy's page that says 200 is none.
 * The shape of what is returned is the caller's to check.
 */
export async function readJsonAnswer(response: Response): Promise<unknown> {
  if (response.status !== 200 || !jsonType.test(response.headers.get('content-type') ?? '')) {
    await response.body?.cancel()
    throw new UnexpectedAnswer(response, 'JSON')
  }
  const isAnnounced = Number(response.headers.get('content-length')) > maximumBytes
  const bytes = isAnnounced ? null : await readBoundedBody(response.body, maximumBytes)
  if (bytes === null) {
    await response.body?.cancel()
    throw new Error(`The answer is larger than ${maximumBytes} bytes.`)
  }
  return JSON.parse(new TextDecoder().decode(bytes))
}
