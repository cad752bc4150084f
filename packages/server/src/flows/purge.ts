import { dropRevocations } from '../store/revocation.ts'
import { dropSessions } from '../store/session.ts'
import type { Context } from './context.ts'

/** Days that an ended session is kept, so that a late replay of one of its tokens is still known for what it is. */
const keptDays = 30

/** Clears what has ended, in small steps with a breath between them, so that no request waits long. */
export async function purge({ database, clock }: Pick<Context, 'database' | 'clock'>): Promise<void> {
  const now = clock()
  while (await dropRevocations(database, now)) await breath()
  while (await dropSessions(database, now - keptDays * 86_400_000)) await breath()
}

function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
