import { readdirSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/**
 * The niceness of the threads that hash. If a hashing thread and the main thread need the same core, the hashing thread gets about a tenth
 * of the share of the main thread.
 */
const niceness = 10

/**
 * Gives the thread that answers requests a higher priority than the threads that hash passwords. Otherwise, while all cores hash passwords,
 * this thread would have to wait for a core, and a flood of sign-ins would slow down all requests. Only Linux has priorities for threads.
 * On other systems, this function does nothing. Call it after the threads have started.
 */
export function yieldToRequests(): void {
  if (process.platform !== 'linux') return
  try {
    for (const thread of readdirSync('/proc/self/task')) {
      const name = readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim()
      if (name === 'libuv-worker') setPriority(Number(thread), niceness)
    }
  } catch {
    // This system does not allow the change. The server is then slower during a flood of sign-ins, but it works.
  }
}
