import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { paths } from '@sallyport/protocol/endpoints'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSallyport } from '../../packages/server/src/index.ts'
import { recordingLog, testOptions, verifierSecret } from '../../packages/server/src/testing/sallyport.ts'
import { freshStore, storeKinds } from '../../packages/server/src/testing/stores.ts'
import { temporaryFolder } from '../../packages/server/src/testing/temporary-folder.ts'
import { untilReady } from '../../scripts/example/processes.ts'
import { installedProject } from '../packages/installed-project.ts'
import { freePort } from '../system/free-port.ts'
import { buildStandalone } from './standalone-app.ts'

const password = 'velvet harbour quilt seven'
const imported = { email: 'imported@example.com', password: 'pässword of bcrypt 1' }
const bcryptHash = '$2b$10$HiBeW7jep8xJFLk3TsMTDecWS0EuXtgu04UQNoyRm//feK3VZpV0u'
const endings: (() => unknown)[] = []
let folder: string

beforeAll(async () => {
  folder = temporaryFolder((ending) => endings.push(ending))
  await buildStandalone(await installedProject(), folder)
}, 900_000)
afterAll(async () => {
  for (const ending of endings.reverse()) await ending()
})

/** `node server.js` of an output, without this machine's environment. */
async function start(output: string, env: Record<string, string>) {
  const port = await freePort()
  const url = `http://localhost:${port}`
  const child = spawn(process.execPath, ['server.js'], {
    cwd: join(output, 'standalone-app'),
    env: {
      PORT: String(port),
      HOSTNAME: '127.0.0.1',
      SALLYPORT_SECRET: testOptions.secret,
      SALLYPORT_ISSUER: url,
      SALLYPORT_AUDIENCE: testOptions.audience,
      SALLYPORT_VERIFIER_SECRET: verifierSecret,
      SALLYPORT_FRONTEND_SECRET: 'none',
      SALLYPORT_EMAIL_VERIFICATION: 'off',
      ...env,
    },
  })
  const log: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => log.push(String(chunk)))
  const ended = once(child, 'close')
  endings.push(() => stop(child, ended))
  return { url, child, log, ended }
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode === null) child.kill('SIGKILL')
  await ended
}

const settingsOf = (options: object) =>
  'databaseUrl' in options
    ? { DATABASE_URL: String(options.databaseUrl) }
    : { DATA_DIR: String(Object.values(options)[0]) }

const post = (url: string, body: unknown) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

describe.each(storeKinds)("the auth server in a Next app with output: 'standalone', on %s", (kind) => {
  it('signs up, refuses common passwords, and has its native modules', async () => {
    const store = await freshStore(kind)
    const { log } = recordingLog()
    const before = await createSallyport({ ...testOptions, ...store.options }, { log })
    await before.operator.users.import([{ email: imported.email, passwordHash: bcryptHash }])
    await before.close()

    const app = await start(folder, settingsOf(store.options))
    await untilReady(app.url + paths.jwks, 60_000)
    const account = { email: 'ada@example.com', password, name: 'Ada', transport: 'bearer' }
    expect((await post(app.url + paths.signUp, account)).status, app.log.join('')).toBe(200)
    const common = { ...account, email: 'eve@example.com', password: 'password1234' }
    const refused = await post(app.url + paths.signUp, common)
    expect([refused.status, await refused.json()]).toEqual([
      400,
      expect.objectContaining({ errors: [expect.objectContaining({ field: 'password' })] }),
    ])
    expect((await post(app.url + paths.signIn, { ...imported, transport: 'bearer' })).status).toBe(200)
    expect(app.log.join('')).not.toContain('"fault"')
  })
})

describe('a standalone output that is incomplete or has a wrong setting', () => {
  it('ends at the start if the list of common passwords is missing', async () => {
    const incomplete = temporaryFolder()
    cpSync(folder, incomplete, { recursive: true, verbatimSymlinks: true })
    const lists = readdirSync(incomplete, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.includes('10_million_password_list'),
    )
    expect(lists.length).toBeGreaterThan(0)
    for (const list of lists) rmSync(join(incomplete, list))
    const app = await start(incomplete, { DATA_DIR: temporaryFolder() })
    expect(await app.ended).toEqual([1, null])
    expect(app.log.join('')).toContain('TypeError: The list of common passwords is missing')
  })

  it('ends at the start, and names the wrong setting', async () => {
    const app = await start(folder, { DATA_DIR: temporaryFolder(), SALLYPORT_AUDIENCE: '' })
    expect(await app.ended).toEqual([1, null])
    expect(app.log.join('')).toContain('SALLYPORT_AUDIENCE is not set')
  })
})
