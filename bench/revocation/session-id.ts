import { randomUUID } from 'node:crypto'

/** A session id as it comes out of JSON: `randomUUID` itself makes a chain of pieces that weighs five times as much. */
export function newSessionId(): string {
  return JSON.parse(JSON.stringify(randomUUID())) as string
}
