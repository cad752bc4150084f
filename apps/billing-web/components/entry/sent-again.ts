import type { ActionResult } from '@sallyport/next/server'
import { done, refusedBy } from '../form/form-state.ts'
import { hasInbox } from '../inbox/has-inbox.ts'
import { atStep, type EntryState } from './entry-state.ts'

/** Returns the state after a mail was requested again. It is the same for every address. */
export async function sentAgain(
  previous: EntryState,
  values: Record<string, string>,
  result: ActionResult,
): Promise<EntryState> {
  const state = result.ok ? done(previous, values, 'Sent again.') : refusedBy(result, previous, values, [])
  return atStep('mailed', state, await hasInbox())
}
