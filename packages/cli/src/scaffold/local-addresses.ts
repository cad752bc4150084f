import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { NextApp } from './next-app.ts'
import { inheritedFile, pagesFile, readSettings, serverFile } from './settings-files.ts'

/** The addresses in development. All settings and all printed commands use these. */
export type LocalAddresses = {
  app: string
  auth: string
  authPort: number
  api: string
  /** The `--port` that `next dev` needs for the address `app`. Null if it needs none. */
  devPort: number | null
  /** The usual ports that another process already uses, with the port that is chosen instead. */
  taken: readonly { expected: number; chosen: number; who: 'your pages' | 'the auth server' }[]
}

const usualPorts = { app: 3000, auth: 4000, api: 4100 }

/**
 * Chooses the addresses. If the settings or `package.json` have an address, it is used. Otherwise the usual port is used, or, for the pages
 * and the auth server, the next free port.
 *
 * @param isFree Returns whether a port of this machine is free.
 */
export async function chooseAddresses(
  { folder, devScript }: NextApp,
  isFree: (port: number) => Promise<boolean> = isPortFree,
): Promise<LocalAddresses> {
  const settings = [inheritedFile, serverFile, pagesFile].map((file) => readSettings(folder, file) ?? {})
  const known = (name: string) => settings.map((one) => one[name]).findLast(Boolean)
  const taken: LocalAddresses['taken'][number][] = []
  async function freePort(expected: number, who: 'your pages' | 'the auth server', not: number[] = []) {
    let chosen = expected
    while (not.includes(chosen) || !(await isFree(chosen))) chosen += 1
    if (chosen !== expected) taken.push({ expected, chosen, who })
    return chosen
  }

  const scripted = portOfScript(devScript)
  const scheme = devScript.includes('--experimental-https') ? 'https' : 'http'
  const app =
    firstOf(known('APP_URL') ?? known('SALLYPORT_ORIGINS')) ??
    `${scheme}://localhost:${scripted ?? runningPort(folder) ?? (await freePort(usualPorts.app, 'your pages', [usualPorts.api]))}`
  const auth =
    known('SALLYPORT_URL') ??
    known('SALLYPORT_ISSUER') ??
    `http://localhost:${known('AUTH_PORT') ?? (await freePort(usualPorts.auth, 'the auth server', [portOf(app), usualPorts.api]))}`
  const isElsewhere = portOf(app) !== usualPorts.app && URL.parse(app)?.hostname === 'localhost'
  return {
    app,
    auth,
    authPort: Number(known('AUTH_PORT') ?? portOf(auth)),
    api: known('API_URL') ?? `http://localhost:${usualPorts.api}`,
    devPort: scripted === null && isElsewhere ? portOf(app) : null,
    taken,
  }
}

/** Finds the port in `next dev -p 3001`, `--port=3001` or `PORT=3001 next dev`. */
function portOfScript(script: string): number | null {
  const [, port] = /(?:\s(?:-p|--port)[\s=]*|\bPORT=)(\d{1,5})\b/.exec(script) ?? []
  return port === undefined ? null : Number(port)
}

/** If `next dev` of this app is running, returns its port from its lock file. This port counts as free. */
function runningPort(folder: string): number | null {
  try {
    const { pid, port } = JSON.parse(readFileSync(join(folder, '.next/dev/lock'), 'utf8')) as Partial<
      Record<string, number>
    >
    // If the process was killed, its lock file still exists. So check that the process is running.
    return pid !== undefined && port !== undefined && process.kill(pid, 0) ? port : null
  } catch {
    return null
  }
}

async function isPortFree(port: number): Promise<boolean> {
  // On some systems, two processes can use the same port at different addresses. So try all addresses.
  for (const host of [undefined, '127.0.0.1', '::1']) if (!(await canListen(port, host))) return false
  return true
}

function canListen(port: number, host: string | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'EADDRINUSE'))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

function firstOf(list: string | undefined): string | undefined {
  return list?.split(',')[0]?.trim() || undefined
}

function portOf(address: string): number {
  const { port, protocol } = URL.parse(address) ?? { port: '', protocol: 'http:' }
  return Number(port || (protocol === 'https:' ? 443 : 80))
}
