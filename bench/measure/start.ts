import { setTimeout } from 'node:timers/promises'
import { type ServerScript, startServer } from './server.ts'

/** Returns the time from the start of a server's process to its first success at `readyPath`, in milliseconds. Then stops the server. */
export async function timeStart(script: ServerScript): Promise<number> {
  let started = 0
  const server = await startServer(script, async (url, timeoutMs) => {
    // The process was forked, and has not run any code yet.
    started = performance.now()
    await untilFirst(url, timeoutMs)
    started = performance.now() - started
  })
  await server.stop()
  return started
}

/** Sends a request every few milliseconds. */
async function untilFirst(url: string, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answer = await fetch(url, { redirect: 'manual' }).catch(() => null)
    await answer?.body?.cancel()
    if (answer?.ok) return
    if (performance.now() > deadline)
      throw new Error(`${url} did not answer within ${timeoutMs / 1000} seconds.`)
    await setTimeout(5)
  }
}
