import { inject } from 'vitest'
import type { System } from '../system.ts'

/** What a test file may use of the running example. */
export type RunningExample = Omit<System, 'log' | 'stop' | 'startAnotherWeb'>

/**
 * Returns the running example, which all files without settings of their own share. Change nothing in it except users that you have
 * created, because other files use it at the same time.
 */
export async function runningExample(): Promise<RunningExample> {
  const answer = await fetch(inject('runningExampleUrl'))
  const { addresses, failure } = (await answer.json()) as { addresses?: RunningExample; failure?: string }
  if (addresses === undefined) throw new Error(failure)
  return addresses
}
