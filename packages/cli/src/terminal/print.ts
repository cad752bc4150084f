import { once } from 'node:events'
import { visible } from './visible.ts'

/** Writes a line to standard output. If the reader is slow, waits for it. */
export async function print(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
}

/** Writes a sentence to standard output. It may contain text of users, so control characters are escaped. */
export function say(sentence: string): Promise<void> {
  return print(visible(sentence))
}

/** Writes a line to standard error. Control characters are escaped. */
export function tell(text: string): void {
  process.stderr.write(`${visible(text, { lines: true })}\n`)
}
