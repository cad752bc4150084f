import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, onTestFinished, test } from 'vitest'
import { testOptions } from '../../packages/server/src/testing/sallyport.ts'
import { temporaryFolder } from '../../packages/server/src/testing/temporary-folder.ts'
import {
  isActive,
  login,
  newEmail,
  refresh,
  register,
  send,
  signOut,
  tokensOf,
  until,
} from '../processes/client.ts'
import { freePort } from '../system/free-port.ts'

const commandLine = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))
/** Process limits that can be lifted at run time, and a shell that sets them, do not exist everywhere. */
const hasLimits = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0

/** `sallyport serve` with a limit on the size of its files. */
async function startWithLimit(dataDir: string) {
  const port = await freePort()
  // If the signal is ignored, the write fails, as on a full disk.
  const script = `trap '' XFSZ; exec "$0" "$1" serve`
  const child = spawn('bash', ['-c', script, process.execPath, commandLine], {
    cwd: '/',
    env: { ...settings, DATA_DIR: dataDir, AUTH_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log: string[] = []
  const listening = Promise.withResolvers<void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    log.push(line)
    if (line.includes('Sallyport listens on')) listening.resolve()
  })
  child.once('close', (code) => listening.reject(new Error(`It ended: ${code}`)))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
  })
  await listening.promise
  return {
    url: `http://127.0.0.1:${port}`,
    log,
    limitFiles(soft: string) {
      expect(spawnSync('prlimit', [`--pid=${child.pid}`, `--fsize=${soft}`]).status).toBe(0)
    },
  }
}

const settings = {
  PATH: process.env.PATH,
  SALLYPORT_SECRET: testOptions.secret,
  SALLYPORT_VERIFIER_SECRET: testOptions.verifierSecrets,
  SALLYPORT_ISSUER: testOptions.issuer,
  SALLYPORT_AUDIENCE: testOptions.audience,
  SALLYPORT_HASH_MEMORY_KIBIBYTES: '8192',
  SALLYPORT_HASH_ITERATIONS: '1',
  SALLYPORT_THROTTLE_SCALE: '1000',
}

describe('a full disk', () => {
  test.runIf(hasLimits)(
    'refuses writes and allows reads, and nothing is lost afterwards [D08]',
    {
      timeout: 120_000,
    },
    async () => {
      const dataDir = temporaryFolder()
      const { url, log, limitFiles } = await startWithLimit(dataDir)
      const told: { email: string; refreshToken: string; accessToken: string }[] = []
      while (told.length < 20) {
        const email = newEmail()
        told.push({ email, ...tokensOf(await register(url, email)) })
      }
      limitFiles('1024:')
      const refused = await register(url, newEmail())
      expect([refused.status, refused.code, refused.retryAfter]).toEqual([503, 'unavailable', '1'])
      await until('the log says why', () => log.join('\n').includes('the database cannot be written'))
      const [first] = told as [(typeof told)[0]]
      expect((await refresh(url, first.refreshToken)).status).toBe(503)
      expect((await signOut(url, first.refreshToken)).status).toBe(503)
      expect(await isActive(url, first.accessToken)).toBe(true)
      const statusOf = async (path: string) => (await send(url, 'GET', path)).status
      expect([await statusOf(paths.jwks), await statusOf(paths.health), await statusOf(paths.ready)]).toEqual(
        [200, 200, 503],
      )

      limitFiles('unlimited:')
      await until('it is ready again', async () => (await statusOf(paths.ready)) === 200)
      for (const { email, refreshToken } of told) {
        expect((await refresh(url, refreshToken)).status, email).toBe(200)
      }
      for (const { email } of told.slice(0, 20)) expect((await login(url, email)).status).toBe(200)
      expect((await register(url, newEmail())).status).toBe(200)
    },
  )
})

describe('a data folder that cannot be written', () => {
  /** As somebody who is not root, to whom permissions mean something. */
  const asNobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

  test.runIf(process.platform !== 'win32')('is reported at the start in one line with a fix', () => {
    const dataDir = temporaryFolder()
    if (asNobody.uid !== undefined) chownSync(dataDir, asNobody.uid, asNobody.gid)
    chmodSync(dataDir, 0o500)
    const run = spawnSync(process.execPath, [commandLine, 'serve'], {
      ...asNobody,
      cwd: '/',
      env: { ...settings, DATA_DIR: dataDir, AUTH_PORT: '0' },
      encoding: 'utf8',
      timeout: 60_000,
    })
    expect(run.status).toBe(1)
    expect(run.stderr.trim()).toBe(
      `The data folder ${dataDir} cannot be written. Make it writable, or set DATA_DIR to another folder.`,
    )
    chmodSync(dataDir, 0o700)
    expect(readdirSync(dataDir)).toEqual([])
  })

  test.runIf(process.platform !== 'win32')('is reported if only the database cannot be written', () => {
    const dataDir = temporaryFolder()
    const environment = { ...settings, DATA_DIR: dataDir }
    expect(spawnSync(process.execPath, [commandLine, 'migrate'], { cwd: '/', env: environment }).status).toBe(
      0,
    )
    chmodSync(dataDir, 0o777)
    for (const name of readdirSync(dataDir)) chmodSync(`${dataDir}/${name}`, 0o444)
    const run = spawnSync(process.execPath, [commandLine, 'serve'], {
      ...asNobody,
      cwd: '/',
      env: { ...environment, AUTH_PORT: '0' },
      encoding: 'utf8',
      timeout: 60_000,
    })
    expect(run.status).toBe(1)
    expect(run.stderr).toMatch(/sallyport\.db cannot be opened|sallyport\.db can be written/)
    expect(run.stderr.trim().split('\n')).toHaveLength(1)
  })
})
