// Runs one example for all test files that need no settings of their own. set-up.ts starts this process, which ends together with it.
import { startSystem } from '../system.ts'

const system = startSystem()

let isEnding = false
async function end(): Promise<void> {
  if (isEnding) return
  isEnding = true
  await system.then(({ stop }) => stop()).catch(() => {})
  process.exit()
}
process.once('disconnect', end)
// Ctrl-C in a terminal reaches this process too. The servers are in separate process groups, so without this line they would continue to
// run.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end())

try {
  const { log: _, stop: __, startAnotherWeb: ___, ...addresses } = await system
  process.send?.({ addresses })
} catch (error) {
  process.send?.({ failure: String(error) })
}
