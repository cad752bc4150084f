import { randomUUID } from 'node:crypto'

/** A session id as parsed from JSON: the string of `randomUUID` consists of pieces, which need five times the memory. */
export function newSessionId(): string {
  return JSON.parse(JSON.stringify(randomUUID())) as string
}
