import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { skipping } from '../system/interpreters.ts'
import { startFront } from './front.ts'
import { peers, type Told } from './peers.ts'
import { exchange } from './raw-exchange.ts'

for (const { name, missing } of peers)
  if (missing !== null) skipping(`Pass-through to ${name} needs ${missing}.`)

async function startBoth(url: string) {
  const front = await startFront({ api: url })
  const ask = async (base: string, path: string, init: Partial<Parameters<typeof exchange>[0]> = {}) => {
    const headers = { ...front.own, 'content-type': 'application/json', ...init.headers }
    const received = await exchange({ method: 'POST', ...init, url: base + path, headers })
    return { ...received, told: () => JSON.parse(received.text) as Told }
  }
  return {
    direct: (path: string, init = {}) => ask(url, path, init),
    passed: (path: string, init = {}) => ask(front.url, path, init),
  }
}

describe.each(peers)('$name', ({ name, missing, start }) => {
  const test = it.skipIf(missing !== null)
  const endings: (() => unknown)[] = []
  let url = ''
  beforeAll(async () => {
    if (missing === null) url = await start((end) => endings.unshift(end))
  })
  afterAll(async () => {
    for (const end of endings) await end()
  })

  test('gets complete bodies, and reports the same as in a direct call', async () => {
    const { direct, passed } = await startBoth(url)
    const part = Buffer.alloc(64 * 1024, 'velvet harbour ')
    const whole = Buffer.concat(Array<Buffer>(160).fill(part))
    const all = [
      { method: 'GET' },
      { method: 'DELETE' },
      { method: 'POST', body: ['{"a":1}'], headers: { 'content-length': '7' } },
      { method: 'PUT', body: ['{"a":1}'], headers: { 'content-length': '7', 'user-agent': 'own/1' } },
      { method: 'POST', body: [], headers: { 'content-length': '0' } },
      { method: 'POST', body: Array(160).fill(part), headers: { 'content-length': `${whole.length}` } },
      { method: 'PATCH', body: ['{"a":', '1}'], headers: { 'transfer-encoding': 'chunked' } },
    ]
    for (const init of all) {
      const [known, received] = [
        await direct('/things/open/?a=%20b&c', init),
        await passed('/things/open/?a=%20b&c', init),
      ]
      expect([received.status, received.told()], JSON.stringify(init.headers)).toEqual([200, known.told()])
    }
    const { told } = await passed('/things/open/', all[2])
    expect(told()).toMatchObject({ length: 7, hash: createHash('sha256').update('{"a":1}').digest('hex') })
    expect((await passed('/things/open/', all[5])).told()).toMatchObject({ length: whole.length })
  })

  test('reads paths as we do, only below an allowed path', async () => {
    const { direct, passed } = await startBoth(url)
    const allowed = [
      '/things/open/',
      '/things/open/a%2Fb/',
      '/things/open/https%3A%2F%2Fexample.com/',
      '/things/open/a|b[c]/',
      '/things/open/a;v=1/',
      '/things/open/M%C3%BCller/',
      '/things/open/100%25/',
      '/things/open/.../',
      '/things/open/a%5Cb/',
      '/things/open/%3F/',
    ]
    for (const path of allowed) {
      const [known, received] = [await direct(path), await passed(path)]
      expect(received.status, path).toBe(known.status)
      expect(received.text, path).toBe(known.text)
      if (known.status === 200) expect(received.told().path, path).toMatch(/^\/things\/open\//)
    }
    for (const path of [
      '..',
      '%2e%2e',
      '..%2f..',
      '..%5c..',
      '..;',
      '%252e%252e',
      '.',
      '%2e%2e%2f..',
      '..%00',
      '%c0%ae%c0%ae',
    ]) {
      const { status, text } = await passed(`/things/${path}/internal/`)
      // Either nothing arrives, or a path that is only what was sent.
      expect([404, 200], path).toContain(status)
      if (status === 200 && text.includes('"path"'))
        expect((JSON.parse(text) as Told).path).toMatch(/^\/things\//)
    }
  })

  test('uses the sent path, and the browser’s address that we send', async () => {
    const { passed } = await startBoth(url)
    const headers = {
      // What gunicorn removes from the path, and CGI names that are the same with a hyphen and an underscore.
      script_name: '/things',
      path_info: '/internal/',
      x_forwarded_for: '192.0.2.9',
      x_forwarded_proto: 'https',
      x_real_ip: '192.0.2.9',
      'x-forwarded-for': '203.0.113.7',
    }
    const { status, told } = await passed('/things/open/?forwarded=1', {
      headers: { ...headers, 'content-length': '0' },
    })
    expect([status, told().path]).toEqual([200, '/things/open/'])
    expect(told().forwarded).toEqual(['203.0.113.7', 'http', ''])
  })

  if (!name.startsWith('Django')) return

  test('REST framework reads a POST to a path with a trailing slash', async () => {
    const { passed } = await startBoth(url)
    const init = { method: 'POST', body: ['{"a":1}'], headers: { 'content-length': '7' } }
    const created = await passed('/things/rest/', init)
    expect([created.status, created.text]).toEqual([201, '{"a":1}'])
    expect(created.headers.location).toEqual(['/api/things/rest/7/'])
    const listed = await passed('/things/rest/', { method: 'GET' })
    expect(listed.headers['x-total-count']).toEqual(['0'])
  })

  test('REST framework redirects to the path with its trailing slash, below /api', async () => {
    const { passed } = await startBoth(url)
    const { status, headers } = await passed('/things/rest?a=1', { method: 'GET' })
    expect([status, headers.location]).toEqual([301, ['/api/things/rest/?a=1']])
  })

  test('trusts the X-Forwarded-Proto of an https app, and its own URL is still replaced', async () => {
    const front = await startFront({ api: url, app: 'https://app.example.com' })
    const headers = { ...front.own, 'content-type': 'application/json', 'content-length': '2' }
    const created = await exchange({
      method: 'POST',
      url: `${front.url}/things/rest/`,
      headers,
      body: ['{}'],
    })
    expect([created.status, created.headers.location]).toEqual([201, ['/api/things/rest/7/']])
  })
})
