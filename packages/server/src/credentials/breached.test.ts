import { createHash } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createBreachQuery } from './breached.ts'

const password = 'open the second door'
const hash = createHash('sha1').update(password).digest('hex').toUpperCase()
const suffix = hash.slice(5)
const other = '0'.repeat(35)

/** Queries a local breach service that speaks the range protocol. */
async function asked(answer: RequestListener, timeoutMs = 2_000) {
  const seen: { url: string | undefined; padding: unknown }[] = []
  const server = createServer((request, response) => {
    seen.push({ url: request.url, padding: request.headers['add-padding'] })
    answer(request, response)
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const failures: string[] = []
  const onFailure = (reason: string) => void failures.push(reason)
  const query = createBreachQuery({ url: `http://127.0.0.1:${port}/range`, timeoutMs, onFailure })
  return { verdict: await query(password), seen, failures }
}

const lines =
  (...rows: string[]): RequestListener =>
  (_, response) =>
    void response.end(rows.join('\r\n'))

test('sends five characters of the hash, and compares the rest locally [ASVS 6.2.12]', async () => {
  const { verdict, seen } = await asked(lines(`${other}:3`, `${suffix}:12`))
  expect(verdict).toBe(true)
  expect(seen).toEqual([{ url: `/range/${hash.slice(0, 5)}`, padding: 'true' }])
})

test('reports a password that is not listed as unknown', async () => {
  expect((await asked(lines(`${other}:3`))).verdict).toBe(false)
})

test('ignores rows that are padding', async () => {
  expect((await asked(lines(`${suffix}:0`, `${other}:0`))).verdict).toBe(false)
})

test.each<[string, RequestListener]>([
  ['an error', (_, response) => void response.writeHead(500).end(`${suffix}:1`)],
  ['an HTML page', (_, response) => void response.end('<html>Welcome</html>')],
  ['nothing', (_, response) => void response.end()],
  ['another address', (_, response) => void response.writeHead(302, { location: '/elsewhere' }).end()],
  [
    'a response cut in the middle',
    (_, response) =>
      void response.writeHead(200, { 'content-length': '9999' }).write('A', () => response.destroy()),
  ],
  ['a response that is far too large', (_, response) => void response.end(`${other}:1\r\n`.repeat(40_000))],
])('%s gives no result', async (_, listener) => {
  const { verdict, failures } = await asked(listener)
  expect(verdict).toBeNull()
  expect(failures).toHaveLength(1)
  expect(failures.join()).not.toContain(hash.slice(0, 5))
})

test('no response within the time limit gives no result', async () => {
  expect(await asked(() => {}, 50)).toMatchObject({ verdict: null, failures: ['silent for 50 ms'] })
})

test('a refused connection gives no result', async () => {
  const failures: string[] = []
  const onFailure = (reason: string) => void failures.push(reason)
  const query = createBreachQuery({ url: 'http://127.0.0.1:1/', timeoutMs: 2_000, onFailure })
  expect(await query(password)).toBeNull()
  expect(failures).toEqual(['no connection'])
})

test('stops when the client disconnects, without reporting a failure of the service', async () => {
  const failures: string[] = []
  const gone = new AbortController()
  const server = createServer(() => gone.abort())
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const onFailure = (reason: string) => void failures.push(reason)
  const query = createBreachQuery({ url: `http://127.0.0.1:${port}/`, timeoutMs: 60_000, onFailure })
  expect(await query(password, gone.signal)).toBeNull()
  expect(failures).toEqual([])
})
