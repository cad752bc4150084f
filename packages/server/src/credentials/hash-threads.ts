import { readdirSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/** Niceness of the hashing threads: about a tenth of the main thread's share if both need the same core. */
const niceness = 10

/**
 * Gives the thread that answers requests priority over those that hash passwords. If all cores hash, it would otherwise have to wait for a
 * core, and a flood of sign-ins would slow down all requests. Only Linux has priorities for threads; elsewhere, nothing happens. Call it
 * after the threads have started.
 */
export function yieldToRequests(): void {
  if (process.platform !== 'linux') return
  try {
    for (const thread of readdirSync('/proc/self/task')) {
      const name = readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim()
      if (name === 'libuv-worker') setPriority(Number(thread), niceness)
    }
  } catch {
    // Not allowed on this system: it is only slower in a flood.
  }
}
