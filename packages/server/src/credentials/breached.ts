import { createHash } from 'node:crypto'
import { readBoundedBody } from '@sallyport/protocol/bounded-body'

/** Whether a password is known from a breach; null where nobody could say. The signal: whoever asks has gone. */
export type BreachQuery = (password: string, signal?: AbortSignal | null) => Promise<boolean | null>

/** Most bytes of one answer; usual are 40,000. */
const maxBytes = 1_000_000

/**
 * Asks a service that keeps passwords of breaches (the range protocol of Have I Been Pwned): five characters of the SHA-1 go out, and
 * what comes back is compared here. Padding hides how much there was. `onFailure` hears why there was no verdict, and nothing of what
 * was asked.
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

/** A row that only pads has a count of zero. */
function isIn(text: string, suffix: string): boolean {
  return text.split(/\r?\n/).some((line) => {
    const [found, count] = line.split(':')
    return found?.toUpperCase() === suffix && Number(count) > 0
  })
}
