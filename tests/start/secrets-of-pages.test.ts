import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newSecret } from '../../scripts/example/secrets.ts'
import { root } from '../../scripts/install.mjs'
import { freePort } from '../system/free-port.ts'
import { bearerSignIn, demoPassword, type System, startSystem } from '../system/system.ts'

const secrets = () => ({
  SALLYPORT_FRONTEND_SECRET: newSecret(),
  SALLYPORT_VERIFIER_SECRET: newSecret(),
})
const endings: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const ending of endings) await ending()
})

/** `next start` of the example's pages, without the other servers. */
async function startPages(env: Record<string, string>) {
  const port = await freePort()
  const next = join(root, 'node_modules/next/dist/bin/next')
  const child = spawn(
    process.execPath,
    [next, 'start', join(root, 'apps/billing-web'), '--port', String(port), '--hostname', '127.0.0.1'],
    {
      env: {
        PATH: process.env.PATH ?? '',
        NODE_ENV: 'production',
        NEXT_TELEMETRY_DISABLED: '1',
        SALLYPORT_URL: 'http://localhost:4000',
        SALLYPORT_AUDIENCE: 'billing-web',
        APP_URL: `http://localhost:${port}`,
        ...env,
      },
    },
  )
  const ended = once(child, 'exit')
  endings.push(async () => {
    child.kill('SIGTERM')
    await ended
  })
  let log = ''
  const ready = Promise.withResolvers<void>()
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      log += chunk.toString('utf8')
      if (log.includes('Ready in')) ready.resolve()
    })
  void ended.then(() => ready.reject(new Error(log)))
  await ready.promise
  return { url: `http://localhost:${port}`, log: () => log }
}

describe('pages in production [S17]', () => {
  it.each([
    ['without a front-end secret', { SALLYPORT_FRONTEND_SECRET: '' }, /Set SALLYPORT_FRONTEND_SECRET to/],
    ['without a verifier secret', { SALLYPORT_VERIFIER_SECRET: '' }, /Set SALLYPORT_VERIFIER_SECRET to/],
    [
      'with a placeholder for a secret',
      { SALLYPORT_FRONTEND_SECRET: '<random_string_at_least_32_characters_long>' },
      /SALLYPORT_FRONTEND_SECRET\) is a placeholder/,
    ],
  ])(
    '%s: serves no page, and logs what to set',
    async (_, changes, sentence) => {
      const pages = await startPages({ ...secrets(), ...changes })
      for (const path of ['/', '/login', '/dashboard', '/api/auth/session', '/api/invoices']) {
        const answer = await fetch(pages.url + path, { redirect: 'manual' })
        expect([path, answer.status]).toEqual([path, 500])
        expect(await answer.text()).not.toMatch(/Sign in|principal/)
      }
      expect(pages.log()).toMatch(sentence)
    },
    120_000,
  )
})

describe('pages with another front-end secret than the auth server', () => {
  let system: System
  beforeAll(async () => {
    system = await startSystem({ env: { web: { SALLYPORT_FRONTEND_SECRET: newSecret() } } })
  }, 180_000)
  afterAll(() => system?.stop())

  const ask = (path: string, init: RequestInit = {}) =>
    fetch(system.webUrl + path, {
      redirect: 'manual',
      ...init,
      headers: { origin: system.appUrl, 'content-type': 'application/json', ...init.headers },
    })

  it('nobody is signed in or out, and both sides log what to compare', async () => {
    const body = JSON.stringify({ email: 'owner@example.com', password: demoPassword })
    const signIn = await ask('/api/auth/login', { method: 'POST', body })
    expect([signIn.status, ((await signIn.json()) as { code: string }).code]).toEqual([503, 'unavailable'])

    const { refreshToken } = await bearerSignIn(system.authUrl, 'owner@example.com')
    const session = await ask('/api/auth/session', { headers: { cookie: `refreshToken=${refreshToken}` } })
    expect([session.status, session.headers.getSetCookie()]).toEqual([503, []])

    const log = system.log.join('\n')
    expect(log).toMatch(/refuses the front-end credential of this Next app .*SALLYPORT_FRONTEND_SECRET/)
    expect(log).toMatch(/frontend_refused.*the credential that was sent is not in SALLYPORT_FRONTEND_SECRET/)
  })
})
