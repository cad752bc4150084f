import { accessSync, constants, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { fail } from '../install.mjs'
import { authPorts, type Config } from './config.ts'

/** Checks for problems before anything is built. If there is a problem, prints a line that says how to fix it. */
export async function preflight(config: Config): Promise<void> {
  const { dataDir, host, ports, postgresPort } = config
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    accessSync(dataDir, constants.W_OK | constants.X_OK)
  } catch {
    fail(`The data folder ${dataDir} cannot be written. Make it writable, or set DATA_DIR to another folder.`)
  }
  if (new Set(Object.values(ports)).size < 3)
    fail('WEB_PORT, AUTH_PORT and API_PORT must be three different ports.')
  const wanted = Object.entries(ports).map(([name, port]) => ({
    variable: `${name.toUpperCase()}_PORT`,
    port,
  }))
  if (postgresPort) {
    for (const port of authPorts(config)) wanted.push({ variable: 'AUTH_PORT', port })
    if (!process.env.DATABASE_URL) wanted.push({ variable: 'POSTGRES_PORT', port: postgresPort })
  }
  const [command, step] = postgresPort ? ['npm run start:postgres', 10] : ['npm start', 1]
  for (const { variable, port } of wanted) {
    if (await isBusy(port, host))
      fail(
        `Port ${port} is busy. Stop the process that listens there, or choose another port: ${variable}=${port + step} ${command}`,
      )
  }
}

function isBusy(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(true))
    probe.listen(port, host, () => probe.close(() => resolve(false)))
  })
}
