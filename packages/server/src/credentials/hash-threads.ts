import { readdirSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/** Niceness of the threads that hash: about a tenth of the main thread's share where both want the same core. */
const niceness = 10

/**
 * Lets the thread that answers requests go before those that hash passwords: on a machine whose every core hashes, it would otherwise
 * get a core only after they have had theirs, and a flood of sign-ins would slow everything. Linux alone has a
 * priority for each thread; elsewhere nothing happens. Call it once the threads are there.
 */
export function yieldToRequests(): void {
  if (process.platform !== 'linux') return
  try {
    for (const thread of readdirSync('/proc/self/task')) {
      const name = readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim()
      if (name === 'libuv-worker') setPriority(Number(thread), niceness)
    }
  } catch {
    // A system that does not allow it is a little slower in a flood, and no worse otherwise.
  }
}
