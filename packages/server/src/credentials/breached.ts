import { createHash } from 'node:crypto'
import { readBoundedBody } from '@sallyport/protocol/bounded-body'

/**
 * Returns whether a password is known from a breach. Returns null if there is no result. The signal is aborted when the client disconnects.
 */
export type BreachQuery = (password: string, signal?: AbortSignal | null) => Promise<boolean | null>

/** The maximum size of a response in bytes. A usual response has 40,000 bytes. */
const maxBytes = 1_000_000

/**
 * Creates a function that asks a service whether a password was breached, with the range protocol of Have I Been Pwned. The function sends
 * five characters of the password's SHA-1, and compares the other characters with the response in this process. It requests padding, which
 * hides the size of the response. If there is no result, `onFailure` gets the reason, but nothing about the password.
 */
export function createBreachQuery({
  url,
  timeoutMs,
  onFailure,
}: {
  url: string
  timeoutMs: number
  onFailure: (reason: string) => void
}): BreachQuery {
  return async (password, signal = null) => {
    const hash = createHash('sha1').update(password.normalize('NFC')).digest('hex').toUpperCase()
    try {
      const answer = await fetch(new URL(hash.slice(0, 5), url.endsWith('/') ? url : `${url}/`), {
        headers: { 'add-padding': 'true', 'user-agent': 'Sallyport' },
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
        redirect: 'error',
      })
      const bytes = answer.status === 200 ? await readBoundedBody(answer.body, maxBytes) : null
      const text = bytes === null ? '' : new TextDecoder().decode(bytes)
      if (/^[\dA-F]{35}:\d+\s/i.test(`${text}\n`)) return isIn(text, hash.slice(5))
      onFailure(answer.status === 200 ? 'not an answer of the range protocol' : `status ${answer.status}`)
    } catch (error) {
      if (!signal?.aborted) onFailure(isTimeout(error) ? `silent for ${timeoutMs} ms` : 'no connection')
    }
    return null
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError'
}

/** Returns whether the response contains this hash with a count above zero. Lines that are only padding have a count of zero. */
function isIn(text: string, suffix: string): boolean {
  return text.split(/\r?\n/).some((line) => {
    const [found, count] = line.split(':')
    return found?.toUpperCase() === suffix && Number(count) > 0
  })
}
