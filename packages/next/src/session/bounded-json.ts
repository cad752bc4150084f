import { readBoundedBody } from '@sallyport/protocol/bounded-body'

/** Reads the body of an answer as JSON. Returns null for one that is longer than `limitBytes`, and for what is not JSON. */
export async function boundedJson(response: Response, limitBytes: number): Promise<unknown> {
  const bytes = await readBoundedBody(response.body, limitBytes)
  try {
    return bytes && JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
}
