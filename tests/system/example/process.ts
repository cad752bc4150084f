// One running example for all test files that need no settings of their own; started by set-up.ts, and ended when that has gone.
import { startSystem } from '../system.ts'

const system = startSystem()
process.once('disconnect', async () => {
  await system.then(({ stop }) => stop()).catch(() => {})
  process.exit()
})
try {
  const { log: _, stop: __, startAnotherWeb: ___, ...addresses } = await system
  process.send?.({ addresses })
} catch (error) {
  process.send?.({ failure: String(error) })
}
