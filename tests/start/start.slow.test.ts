import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { root } from '../../scripts/install.mjs'
import { fillSignIn, launchBrowser } from '../system/browser.ts'
import { freePort } from '../system/free-port.ts'
import { bearerSignIn, demoPassword } from '../system/system.ts'

let folder: string
let ports: { web: number; auth: number; api: number }
const running = new Set<ChildProcess>()
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-start-'))
  ports = { web: await freePort(), auth: await freePort(), api: await freePort() }
})
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** `npm start` without npm: the same file, the same environment. */
function start(
  env: Record<string, string> = {},
  args: string[] = [],
  command = [process.execPath, join(root, 'scripts/start.mjs')],
) {
  const { NODE_ENV: _, ...inherited } = process.env
  const [file = '', ...words] = command
  const child = spawn(file, [...words, ...args], {
    cwd: root,
    env: {
      ...inherited,
      DATA_DIR: folder,
      WEB_PORT: String(ports.web),
      AUTH_PORT: String(ports.auth),
      API_PORT: String(ports.api),
      ...env,
    } as NodeJS.ProcessEnv,
  })
  running.add(child)
  let output = ''
  const heard: (() => void)[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const check of heard) check()
    })
  }
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const says = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const check = () => pattern.test(output) && resolve()
      heard.push(check)
      check()
      void ended.then(() => reject(new Error(`It ended without saying ${pattern}:\n${output}`)))
    })
  return { child, says, ended, output: () => output }
}

/** What the list of sessions shows for a browser that signs in with these headers. */
async function addressOfSession(headers: Record<string, string>): Promise<string | undefined> {
  const browser = await launchBrowser()
  try {
    const page = await (await browser.newContext({ extraHTTPHeaders: headers })).newPage()
    await page.goto(`http://localhost:${ports.web}/login`)
    await fillSignIn(page, 'member@example.com', demoPassword)
    await page.waitForURL(/dashboard/)
    await page.goto(`http://localhost:${ports.web}/profile/sessions`)
    const text = await page.getByText('Active now').first().locator('xpath=../..').innerText()
    return /[\d.]{7,}|[\da-f:]*::[\da-f:]*|Address unknown/.exec(text)?.[0]
  } finally {
    await browser.close()
  }
}

const answers = (port: number, path: string) =>
  fetch(`http://127.0.0.1:${port}${path}`).then(
    ({ ok }) => ok,
    () => false,
  )

describe('npm start', () => {
  it('starts three processes, keeps its data, and Ctrl-C ends all', {
    timeout: 180_000,
  }, async () => {
    const first = start()
    await first.says(/Ctrl-C stops all three/)
    expect(first.output()).toContain(`http://localhost:${ports.web}`)
    for (const account of ['owner', 'finance', 'member'])
      expect(first.output()).toContain(`${account}@example.com`)
    expect(first.output()).toMatch(/^auth │ /m)
    expect(first.output()).toMatch(/^api {2}│ /m)
    expect(first.output()).toMatch(/^web {2}│ /m)
    expect(await answers(ports.auth, '/readyz')).toBe(true)
    expect(await answers(ports.api, '/readyz')).toBe(true)
    const { refreshToken } = await bearerSignIn(`http://127.0.0.1:${ports.auth}`, 'owner@example.com')

    first.child.kill('SIGINT')
    expect(await first.ended).toBe(0)
    for (const port of Object.values(ports)) expect(await answers(port, '/')).toBe(false)

    const second = start()
    await second.says(/Ctrl-C stops all three/)
    const refreshed = await fetch(`http://127.0.0.1:${ports.auth}/api/auth/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refreshToken }),
    })
    expect(refreshed.status).toBe(200)
    expect(await addressOfSession({ 'x-forwarded-for': '203.0.113.9' })).toBe('127.0.0.1')
    // Its child processes end with it, however it ends.
    second.child.kill('SIGKILL')
    await second.ended
    for (const port of Object.values(ports))
      await expect.poll(() => answers(port, '/'), { timeout: 20_000 }).toBe(false)

    // As a supervisor or `timeout` does it: npm gets the signal, and its shell does not forward it.
    const third = start({ HOST: '::1' }, [], ['npm', 'start'])
    await third.says(/Ctrl-C stops all three/)
    const { body } = await fetch(`http://[::1]:${ports.web}/`)
    await body?.cancel()
    third.child.kill('SIGTERM')
    await third.ended
    for (const port of Object.values(ports)) {
      const gone = () =>
        fetch(`http://[::1]:${port}/`).then(
          () => false,
          () => true,
        )
      await expect.poll(gone, { timeout: 20_000 }).toBe(true)
    }

    // ASVS 6.3.2: default passwords that are publicly known are refused in production.
    const secrets = Object.fromEntries(
      ['SECRET', 'FRONTEND_SECRET', 'VERIFIER_SECRET'].map((name) => [
        `SALLYPORT_${name}`,
        crypto.randomUUID() + crypto.randomUUID(),
      ]),
    )
    writeFileSync(join(folder, 'secrets.json'), '{}')
    const production = start({
      NODE_ENV: 'production',
      SALLYPORT_EMAIL_VERIFICATION: 'off',
      ...secrets,
    })
    expect(await production.ended).toBe(1)
    expect(production.output()).toMatch(/demo account|SALLYPORT_SECRET lacks a secret/)
  })

  it('says which port is in use, and how to choose another', async () => {
    const squatter = createServer()
    await new Promise<void>((resolve) => squatter.listen(ports.auth, '127.0.0.1', resolve))
    const { ended, output } = start()
    expect(await ended).toBe(1)
    expect(output()).toContain(`Port ${ports.auth} is busy`)
    expect(output()).toContain(`AUTH_PORT=${ports.auth + 1}`)
    squatter.close()
  })

  it('in production requires the secrets that it does not generate', async () => {
    const { ended, output } = start({ NODE_ENV: 'production' })
    expect(await ended).toBe(1)
    expect(output()).toMatch(/SALLYPORT_SECRET.*must be set in production.*openssl rand/)
    expect(existsSync(join(folder, 'secrets.json'))).toBe(false)
  })

  it('says that the data folder cannot be used, and why', async () => {
    const file = join(folder, 'a-file')
    writeFileSync(file, '')
    const { ended, output } = start({ DATA_DIR: file })
    expect(await ended).toBe(1)
    expect(output()).toContain(`The data folder ${file} cannot be written`)
  })

  it.each([
    ['WEB_PORT', 'abc'],
    ['API_PORT', '70000'],
    ['AUTH_PORT', '0'],
  ])('refuses %s=%s in one line', async (name, value) => {
    const { ended, output } = start({ [name]: value })
    expect(await ended).toBe(1)
    expect(output()).toContain(`${name} is ${value}`)
  })
})

describe('npm run start:postgres', () => {
  /** Three in a row: the URL of the auth servers, and of the two behind it. */
  async function freePortsInARow(): Promise<number> {
    for (;;) {
      const first = await freePort()
      const isFree = await Promise.all([first + 1, first + 2].map(canListen))
      if (isFree.every(Boolean)) return first
    }
  }
  const canListen = (port: number) =>
    new Promise<boolean>((resolve) => {
      const probe = createServer()
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
    })
  const post = (port: number, path: string, body: object) =>
    fetch(`http://127.0.0.1:${port}/api/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  it('runs two auth servers behind one URL, on PostgreSQL', {
    timeout: 120_000,
  }, async () => {
    const postgres = await freePort()
    ports.auth = await freePortsInARow()
    const env = { POSTGRES_PORT: String(postgres) }
    const first = start(env, ['--postgres'])
    await first.says(/Ctrl-C stops everything/)
    const [one, other] = [ports.auth + 1, ports.auth + 2]
    expect(await Promise.all([ports.auth, one, other].map((port) => answers(port, '/readyz')))).toEqual([
      true,
      true,
      true,
    ])
    expect(existsSync(join(folder, 'sallyport.db'))).toBe(false)
    // A session of one process is ended by the other.
    const { refreshToken } = await bearerSignIn(`http://127.0.0.1:${one}`, 'owner@example.com')
    const next = (await (await post(other, 'refresh', { refreshToken })).json()) as { refreshToken: string }
    expect((await post(one, 'logout', { refreshToken: next.refreshToken })).status).toBe(204)
    expect((await post(other, 'refresh', { refreshToken: next.refreshToken })).status).toBe(401)
    const kept = await bearerSignIn(`http://127.0.0.1:${ports.auth}`, 'owner@example.com')
    first.child.kill('SIGINT')
    expect(await first.ended).toBe(0)
    expect(await Promise.all([...Object.values(ports), one, other, postgres].map(canListen))).not.toContain(
      false,
    )

    const second = start(env, ['--postgres'])
    await second.says(/Ctrl-C stops everything/)
    expect((await post(ports.auth, 'refresh', { refreshToken: kept.refreshToken })).status).toBe(200)
    second.child.kill('SIGINT')
    expect(await second.ended).toBe(0)

    const reset = () =>
      spawnSync(process.execPath, [join(root, 'scripts/reset.mjs')], {
        env: { ...process.env, DATA_DIR: folder },
        encoding: 'utf8',
      })
    expect(reset().stdout).toMatch(/Emptied .*postgres/)
    expect(reset().stdout).toContain('Nothing to reset')
  })
})
