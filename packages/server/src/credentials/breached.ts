import { createHash } from 'node:crypto'

/** Whether a password is known from a breach; null where nobody could say. */
export type BreachQuery = (password: string) => Promise<boolean | null>

/** Most bytes of one answer; usual are 40,000. */
const mostBytes = 1_000_000

/**
 * Asks a service that keeps passwords of breaches (the range protocol of Have I Been Pwned): five characters of the SHA-1 go out, and
 * what comes back is compared here. Padding hides how much there was.
 */
export function createBreachQuery({ url, timeoutMs }: { url: string; timeoutMs: number }): BreachQuery {
  return async (password) => {
    const hash = createHash('sha1').update(password.normalize('NFC')).digest('hex').toUpperCase()
    try {
      const answer = await fetch(new URL(hash.slice(0, 5), url.endsWith('/') ? url : `${url}/`), {
        headers: { 'add-padding': 'true', 'user-agent': 'Sallyport' },
        signal: AbortSignal.timeout(timeoutMs),
        redirect: 'error',
      })
      const text = answer.status === 200 ? await textOf(answer) : null
      return text === null || !/^[\dA-F]{35}:\d+\s/i.test(`${text}\n`) ? null : isIn(text, hash.slice(5))
    } catch {
      return null
    }
  }
}

/** A row that only pads has a count of zero. */
function isIn(text: string, suffix: string): boolean {
  return text.split(/\r?\n/).some((line) => {
    const [found, count] = line.split(':')
    return found?.toUpperCase() === suffix && Number(count) > 0
  })
}

async function textOf(answer: Response): Promise<string | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer.body ?? []) {
    size += chunk.length
    if (size > mostBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
