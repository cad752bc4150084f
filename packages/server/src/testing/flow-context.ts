import { onTestFinished } from 'vitest'
import type { SallyportOptions } from '../config/config.ts'
import { readConfig } from '../config/config.ts'
import { createContext } from '../create-context.ts'
import { readCustomizations } from '../customizations.ts'
import { migrateStore } from '../open-database.ts'
import { openStore } from '../store/database.ts'
import { type FrozenClock, frozenClock, recordingLog, testOptions } from './sallyport.ts'
import type { TestStore } from './stores.ts'

/** Opens the context of a server on this database, without HTTP. Use it for flows that have no endpoint of their own. */
export async function flowContext(
  store: TestStore,
  options: SallyportOptions = {},
  clock: FrozenClock = frozenClock(),
) {
  const { log } = recordingLog()
  const config = readConfig({ ...testOptions, ...store.options, ...options })
  await migrateStore(store.address, log)
  const opened = openStore(store.address)
  const context = await createContext(config, opened, { clock, ...readCustomizations({}) }, log)
  let isOpen = true
  const close = async () => {
    if (!isOpen) return
    isOpen = false
    context.revocations.close()
    context.verifier.close()
    await opened.database.destroy()
  }
  onTestFinished(close)
  return { context, clock, close }
}
