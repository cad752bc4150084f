import { accessSync, constants, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { fail } from '../install.mjs'
import type { Settings } from './settings.ts'

/** Finds out what would go wrong before anything is built, and says in one line how to mend it. */
export async function preflight({ dataDir, host, ports }: Settings): Promise<void> {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    accessSync(dataDir, constants.W_OK | constants.X_OK)
  } catch {
    fail(`The data folder ${dataDir} cannot be written. Make it writable, or set DATA_DIR to one that is.`)
  }
  if (new Set(Object.values(ports)).size < 3)
    fail('WEB_PORT, AUTH_PORT and API_PORT must be three different ports.')
  for (const [name, port] of Object.entries(ports)) {
    if (await isBusy(port, host)) {
      const variable = `${name.toUpperCase()}_PORT`
      fail(
        `Port ${port} is busy. Stop what listens there, or choose another: ${variable}=${port + 1} npm start`,
      )
    }
  }
}

function isBusy(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(true))
    probe.listen(port, host, () => probe.close(() => resolve(false)))
  })
}
