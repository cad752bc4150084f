import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { callers, type Issuer, startIssuer } from './testing/issuer.ts'

let issuer: Issuer
let dataDir = ''
const running = new Set<ChildProcess>()
beforeAll(async () => {
  issuer = await startIssuer()
  dataDir = mkdtempSync(join(tmpdir(), 'billing-main-'))
})
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})
afterAll(async () => {
  await issuer.close()
  rmSync(dataDir, { recursive: true, force: true })
})

/** Runs one of the two programs, with its own environment. */
function run(program: 'main.ts' | 'seed.ts', env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, program)], {
    env: {
      PATH: process.env.PATH ?? '',
      DATA_DIR: dataDir,
      API_PORT: '0',
      SALLYPORT_ISSUER: issuer.url,
      SALLYPORT_VERIFIER_SECRET: issuer.verifierSecret,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const output = { out: '', error: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.error += text
  })
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child)
    return Number(code)
  })
  return { child, output, ended }
}

async function untilListening(process: ReturnType<typeof run>): Promise<string> {
  await expect.poll(() => process.output.out, { timeout: 15_000 }).toContain('listening')
  return /http:\/\/127\.0\.0\.1:\d+/.exec(process.output.out)?.[0] ?? ''
}

test('the seed prints one line, fills an empty database once, and may run twice at once', async () => {
  const [one, two] = [run('seed.ts'), run('seed.ts')]
  expect(await Promise.all([one.ended, two.ended])).toEqual([0, 0])
  const outputs = [one.output.out, two.output.out].sort()
  expect(outputs[0]).toMatch(/billing\.db has its data already\.\n$/)
  expect(outputs[1]).toMatch(/^[^\n]+: \d+ customers and \d+ invoices written\.\n$/)
  expect(one.output.error + two.output.error).toBe('')
})

test('serves, becomes ready, and finishes a running request on SIGTERM', async () => {
  const api = run('main.ts')
  const url = await untilListening(api)
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200)
  const authorization = `Bearer ${issuer.token(callers.owner)}`
  expect((await fetch(`${url}/invoices`, { headers: { authorization } })).status).toBe(200)

  // Half of this request has arrived at the time of the signal.
  const body = JSON.stringify({ customerId: 'none' })
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let answer = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text
  })
  socket.write(
    `POST /invoices HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
  )
  await expect.poll(() => answer).toContain('100 Continue')
  socket.write(body.slice(0, 5))
  api.child.kill('SIGTERM')
  await expect.poll(() => api.output.out).toContain('stopping')
  await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  socket.write(body.slice(5))
  await expect.poll(() => answer).toContain('HTTP/1.1 400')
  socket.end()
  expect(await api.ended).toBe(0)
  expect(api.output.error).toBe('')
})

test('SIGINT ends the process, also while the auth server is down', async () => {
  const api = run('main.ts', { SALLYPORT_ISSUER: 'http://localhost:9' })
  const url = await untilListening(api)
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  expect((await fetch(`${url}/readyz`)).status).toBe(503)
  const authorization = `Bearer ${issuer.token(callers.owner)}`
  expect((await fetch(`${url}/invoices`, { headers: { authorization } })).status).not.toBe(200)
  api.child.kill('SIGINT')
  expect(await api.ended).toBe(0)
})

test('prints a misconfiguration in one line, with exit code 1', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const file = join(dataDir, 'a-file')
  writeFileSync(file, '')
  const cases: [Record<string, string>, RegExp][] = [
    [{ API_PORT: String(port) }, new RegExp(`^Port ${port} is busy\\. .*API_PORT=${port + 1}\n$`)],
    [{ DATA_DIR: join(file, 'below') }, /^[^\n]*cannot be opened for writing[^\n]*DATA_DIR[^\n]*\n$/],
    [{ SALLYPORT_ISSUER: '' }, /^SALLYPORT_ISSUER is not set\.[^\n]*\n$/],
    [{ SALLYPORT_ISSUER: 'http://auth.example.com' }, /^issuer must be [^\n]*https[^\n]*\n$/],
    [
      { SALLYPORT_VERIFIER_SECRET: 'change-me' },
      /^feed\.credential must be [^\n]*SALLYPORT_VERIFIER_SECRET[^\n]*\n$/,
    ],
    [{ SALLYPORT_VERIFIER_SECRET: '' }, /^SALLYPORT_VERIFIER_SECRET is not set\.[^\n]*\n$/],
  ]
  for (const [env, line] of cases) {
    const api = run('main.ts', env)
    expect(await api.ended).toBe(1)
    expect(api.output.error).toMatch(line)
  }
  taken.close()
})
