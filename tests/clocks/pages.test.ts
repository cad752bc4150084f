import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { paths } from '@sallyport/protocol/endpoints'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { readConfig } from '../../packages/next/src/config/config.ts'
import { runtimeFor } from '../../packages/next/src/session/runtime.ts'
import { openPage } from '../../packages/next/src/testing/open-page.ts'
import { serve } from '../../packages/server/src/node.ts'
import {
  frontendSecret,
  password,
  testOptions,
  verifierSecret,
} from '../../packages/server/src/testing/sallyport.ts'
import { freePort } from '../system/free-port.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const email = 'ada@example.com'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** The auth server and the pages, each with its own clock, and the feed between them. Rows of docs/clocks.md. */
async function started(options: { clockToleranceSeconds?: number } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-clocks-'))
  const port = await freePort()
  const url = `http://localhost:${port}`
  const real = Date.now.bind(Date)
  const offsets = { authServer: 0, pages: 0 }
  const running = await serve(
    { ...testOptions, host: '127.0.0.1', port, issuer: url, dataDir: folder, logLevel: 'silent' },
    { clock: () => real() + offsets.authServer },
  )
  onTestFinished(async () => {
    await running.close()
    rmSync(folder, { recursive: true, force: true })
  })
  await running.sallyport.operator.users.create({ email, name: 'Ada', password })
  vi.spyOn(Date, 'now').mockImplementation(() => real() + offsets.pages)
  const complaints = vi.spyOn(console, 'error').mockReturnValue()
  const configuration = {
    server: url,
    audience: 'billing-web',
    app: 'http://localhost:3000',
    frontendSecret,
    verifierSecret,
    ...options,
  }
  const page = openPage(runtimeFor(readConfig(configuration, {})))
  return {
    offsets,
    page,
    /** The warnings of the pages about clocks. */
    complaints: () => complaints.mock.calls.flat().join('\n'),
    signIn: async () =>
      (await page.ask('POST', paths.signIn, { body: JSON.stringify({ email, password }) })).status,
    /** Who is signed in, as the pages report it to the browser; the status if they cannot. */
    async who() {
      const { status, body } = await page.ask('GET', paths.readSession)
      const principal = (body as { principal?: { roles: string[] } | null }).principal
      return status === 200 ? principal?.roles.join() : status
    },
  }
}

describe('the auth server’s clock is ahead of that of the pages', () => {
  test('by four seconds: no effect', async () => {
    const { offsets, signIn, who, complaints } = await started()
    offsets.authServer = 4 * second
    expect(await signIn()).toBe(200)
    expect(await who()).toBe('member')
    expect(complaints()).toBe('')
  })

  test('by a minute: signs nobody out, and a log line names the clocks', async () => {
    const { offsets, page, signIn, who, complaints } = await started()
    offsets.authServer = minute
    expect(await signIn()).toBe(200)
    expect(await who()).toBe(503)
    expect(Object.keys(page.jar())).toContain('refreshToken')
    expect(complaints()).toMatch(/refuses a token .* has just issued.* the two clocks .*docs\/clocks\.md/)
  })

  test('by a minute, with clockToleranceSeconds of ninety: no effect', async () => {
    const { offsets, signIn, who, complaints } = await started({ clockToleranceSeconds: 90 })
    offsets.authServer = minute
    expect(await signIn()).toBe(200)
    expect(await who()).toBe('member')
    expect(complaints()).toBe('')
  })

  test('by an hour, until it is corrected: all users are signed in again', async () => {
    const { offsets, page, signIn, who } = await started()
    expect(await signIn()).toBe(200)
    expect(await who()).toBe('member')
    offsets.authServer = hour
    // Meanwhile, an earlier session is renewed, and another begins.
    expect((await page.ask('POST', paths.refresh)).status).toBe(503)
    expect(await who()).toBe(503)
    offsets.authServer = 0
    expect(await who()).toBe('member')
    offsets.authServer = hour
    expect(await signIn()).toBe(200)
    expect(await who()).toBe(503)
    offsets.authServer = 0
    expect(await who()).toBe('member')
    expect(await who()).toBe('member')
  })
})

describe('the auth server’s clock is behind that of the pages', () => {
  test('by five minutes: tokens are renewed more often, no other effect', async () => {
    const { offsets, signIn, who, complaints } = await started()
    offsets.authServer = -5 * minute
    expect(await signIn()).toBe(200)
    expect(await who()).toBe('member')
    expect(complaints()).toBe('')
  })

  test('by more than a token’s lifetime: signs nobody out, and logs the cause', async () => {
    const { offsets, page, signIn, who, complaints } = await started()
    offsets.authServer = -11 * minute
    expect(await signIn()).toBe(200)
    expect(await who()).toBe(503)
    expect(Object.keys(page.jar())).toContain('refreshToken')
    expect(complaints()).toMatch(/the two clocks/)
    offsets.authServer = 0
    expect(await who()).toBe('member')
  })
})

describe('the clock of the pages', () => {
  test('an hour ahead, until it is corrected: all users are signed in again', async () => {
    const { offsets, signIn, who } = await started()
    expect(await signIn()).toBe(200)
    expect(await who()).toBe('member')
    offsets.pages = hour
    expect(await who()).toBe(503)
    offsets.pages = 0
    expect(await who()).toBe('member')
    expect(await signIn()).toBe(200)
    expect(await who()).toBe('member')
  })

  test('an hour behind, until it is corrected: all users are signed in again', async () => {
    const { offsets, signIn, who } = await started()
    offsets.pages = -hour
    expect(await signIn()).toBe(200)
    expect(await who()).toBe(503)
    offsets.pages = 0
    expect(await who()).toBe('member')
  })
})
