import { once } from 'node:events'
import { visible } from './visible.ts'

/** Writes a line to standard output, and waits for a slow reader. */
export async function print(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
}

/** Writes a sentence to standard output, with control characters escaped: it may contain text of users. */
export function say(sentence: string): Promise<void> {
  return print(visible(sentence))
}

/** Writes a line to standard error, with control characters escaped. */
export function tell(text: string): void {
  process.stderr.write(`${visible(text, { lines: true })}\n`)
}
