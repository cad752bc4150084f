import { once } from 'node:events'
import { visible } from './visible.ts'

/** Writes a line to standard output, and waits where its reader is slow. */
export async function print(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
}

/** The same with a sentence for people, which may hold what others wrote. */
export function say(sentence: string): Promise<void> {
  return print(visible(sentence))
}

/** Writes a line for people to standard error, which is never mixed with what a script reads. */
export function tell(text: string): void {
  process.stderr.write(`${visible(text, { lines: true })}\n`)
}
