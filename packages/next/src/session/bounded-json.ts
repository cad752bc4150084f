import { readBoundedBody } from '@sallyport/protocol/bounded-body'

/** Returns the body of a response as parsed JSON. Returns null if the body is longer than `limitBytes` or is not JSON. */
export async function boundedJson(response: Response, limitBytes: number): Promise<unknown> {
  const bytes = await readBoundedBody(response.body, limitBytes)
  try {
    return bytes && JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
}
