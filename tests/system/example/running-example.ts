import { inject } from 'vitest'
import type { System } from '../system.ts'

/** What a test file may use of it. */
export type RunningExample = Omit<System, 'log' | 'stop' | 'startAnotherWeb'>

/**
 * Returns the running example that all files share which need no settings of their own. Change nothing in it but people that you have
 * made yourself: other files run at the same time.
 */
export async function runningExample(): Promise<RunningExample> {
  const answer = await fetch(inject('runningExampleUrl'))
  const { addresses, failure } = (await answer.json()) as { addresses?: RunningExample; failure?: string }
  if (addresses === undefined) throw new Error(failure)
  return addresses
}
