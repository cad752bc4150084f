import { randomUUID } from 'node:crypto'

/** Returns a session id as JSON.parse returns it. The string of `randomUUID` consists of pieces and needs five times the memory. */
export function newSessionId(): string {
  return JSON.parse(JSON.stringify(randomUUID())) as string
}
