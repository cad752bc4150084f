import { readBoundedBody } from '@sallyport/protocol/bounded-body'

/** The maximum size of a response in bytes. A valid key set or introspection response is always smaller. */
const maximumBytes = 64 * 1024

/** Matches `application/json` and every type that ends in `+json` (RFC 6839 section 3.1), with or without parameters. */
const jsonType = /^application\/(?:[\w.!#$&^-]+\+)?json\s*(?:;|$)/i

/** The error for an unexpected response. The message contains the status or the media type, but nothing of the body. */
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
 * Reads a JSON response. It must have status 200, a JSON media type and at most 64 KB. For example, an HTML page of a proxy is refused even
 * if its status is 200. The caller must check the structure of the returned value.
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
