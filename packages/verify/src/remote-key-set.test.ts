import { expect, test } from 'vitest'
import { RemoteKeySet } from './remote-key-set.ts'
import { createSigningKey } from './testing/issuer.ts'

const { publicJwk } = createSigningKey('key-1')
const minute = 60_000

/** Creates a key set. Only `wait` changes its clock. If the response is null, the server does not answer. */
function start(headers: Record<string, string> = {}) {
  let time = 0
  let answer: object | null = { keys: [publicJwk] }
  const bench = { asked: 0, accepted: null as string | null, warnings: 0 }
  const keySet = new RemoteKeySet({
    url: 'https://auth.example.com/jwks',
    algorithms: ['ES256'],
    maxAgeSeconds: 600,
    maxStaleSeconds: 3600,
    cooldownSeconds: 30,
    timeoutSeconds: 5,
    fetch: async (_url, init) => {
      bench.asked += 1
      bench.accepted = new Headers(init?.headers).get('accept')
      if (answer === null) throw new TypeError('no network')
      return answer instanceof Response ? answer : Response.json(answer, { headers })
    },
    clock: () => time,
    warn: () => {
      bench.warnings += 1
    },
  })
  return Object.assign(bench, {
    keySet,
    wait: (ms: number) => {
      time += ms
    },
    answers: (next: object | null) => {
      answer = next
    },
  })
}

/** Waits until a background fetch has finished. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('fetches the set in the background after 80 % of its lifetime, once in a cool-down', async () => {
  const bench = start()
  const { keySet, wait } = bench
  const key = await keySet.find('key-1')
  for (const [ms, asked] of [
    [7 * minute, 1],
    [minute, 1],
    [1, 2],
    [0, 2],
  ] as const) {
    wait(ms)
    expect(keySet.find('key-1')).toBe(key)
    expect(bench.asked, `after ${ms} more`).toBe(asked)
  }
  await settled()
  wait(8 * minute)
  expect(keySet.find('key-1')).toBe(key)
  expect(bench.asked).toBe(2)
})

test('while the issuer is down, uses cached keys without waiting, and asks once in each cool-down', async () => {
  const bench = start()
  const { keySet, wait, answers } = bench
  const key = await keySet.find('key-1')
  answers(null)
  wait(10 * minute)
  expect(await keySet.find('key-1')).toBe(key)
  expect(bench.asked).toBe(2)
  for (const [ms, asked] of [
    [29_999, 2],
    [1, 3],
    [0, 3],
  ] as const) {
    wait(ms)
    expect(keySet.find('key-1'), `after ${ms} more`).toBe(key)
    expect(bench.asked, `after ${ms} more`).toBe(asked)
    await settled()
  }
  wait(50 * minute - 30_000)
  await expect(keySet.find('key-1')).rejects.toMatchObject({ code: 'unavailable' })
  answers({ keys: [publicJwk] })
  wait(999)
  await expect(keySet.find('key-1')).rejects.toMatchObject({ code: 'unavailable' })
  wait(1)
  expect(await keySet.find('key-1')).toMatchObject({ kid: 'key-1' })
})

test('load fetches the set only if it is too old', async () => {
  const bench = start()
  const { keySet, wait, answers } = bench
  await keySet.load()
  await keySet.load()
  wait(10 * minute - 1)
  await keySet.load()
  expect(bench.asked).toBe(1)
  wait(1)
  await keySet.load()
  expect(bench.asked).toBe(2)
  answers(null)
  wait(60 * minute - 1)
  await keySet.load()
  expect(bench.asked).toBe(3)
  wait(1)
  await expect(keySet.load()).rejects.toMatchObject({ code: 'unavailable' })
})

test.each([
  ['max-age=60', 60],
  ['MAX-AGE=60', 60],
  ['no-transform, max-age=60, public', 60],
  ['max-age=60,public', 60],
  ['public,max-age=60', 60],
  ['s-maxage=60', 600],
  ['x-max-age=60', 600],
  ['max-age=60x', 600],
  ['max-age="60"', 600],
  ['max-age=1234567890', 600],
  ['max-age=601', 600],
  ['max-age=1', 30],
  ['', 600],
])('Cache-Control: %s keeps a set for %i seconds', async (cacheControl, seconds) => {
  const bench = start({ 'cache-control': cacheControl })
  await bench.keySet.load()
  bench.wait(seconds * 1000 - 1)
  await bench.keySet.load()
  expect(bench.asked).toBe(1)
  bench.wait(1)
  await bench.keySet.load()
  expect(bench.asked).toBe(2)
})

test('requests a key set, or JSON, which many issuers send', async () => {
  const bench = start()
  await bench.keySet.load()
  expect(bench.accepted).toBe('application/jwk-set+json, application/json')
})

test('warns the operator of errors that only they can fix, once for each', async () => {
  const bench = start()
  const answers: [Response | null, number][] = [
    [null, 0],
    [new Response('', { status: 500 }), 0],
    [new Response('', { status: 503 }), 0],
    [new Response('{', { headers: { 'content-type': 'application/json' } }), 0],
    [new Response('', { status: 404 }), 1],
    [new Response('', { status: 404 }), 1],
    [new Response('', { status: 499 }), 2],
    [new Response('<p>', { headers: { 'content-type': 'text/html' } }), 3],
  ]
  for (const [answer, warnings] of answers) {
    bench.answers(answer)
    await expect(bench.keySet.load()).rejects.toMatchObject({ code: 'unavailable' })
    expect(bench.warnings, `${answer?.status}`).toBe(warnings)
  }
})
