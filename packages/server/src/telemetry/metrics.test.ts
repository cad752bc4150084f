import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { paths } from '@sallyport/protocol'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import {
  bearer,
  password,
  requireTokens,
  startSallyport,
  type TestServer,
  verifierSecret,
} from '../testing/sallyport.ts'
import { createMetrics } from './metrics.ts'

const metricsSecret = 'metrics-8KdPq2VnZrXc7LmWtYbHs4Gj'

async function started(options: Parameters<typeof startSallyport>[0] = {}) {
  const server = await startSallyport({ metricsSecret, ...options })
  await server.addUser()
  return server
}

/** Every series with its value. */
async function read(server: TestServer): Promise<Map<string, number>> {
  const answer = await server.get(paths.metrics, bearer(metricsSecret))
  expect(answer.status).toBe(200)
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ')
      return [line.slice(0, end), Number(line.slice(end + 1))]
    }),
  )
}

describe('who may read the metrics', () => {
  test('without the setting there is nothing at that address, whatever is sent', async () => {
    const server = await startSallyport()
    for (const headers of [{}, bearer(metricsSecret), bearer(verifierSecret), bearer('undefined')]) {
      const answer = await server.get(paths.metrics, headers)
      expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'not_found' }])
    }
  })

  test('with it, whoever has that secret, and nobody with another one', async () => {
    const server = await started()
    const { accessToken } = await server.signIn()
    for (const headers of [
      {},
      bearer(verifierSecret),
      bearer(accessToken),
      bearer(''),
      { authorization: `Basic ${metricsSecret}` },
    ])
      expect((await server.get(paths.metrics, headers)).status).toBe(401)
    const answer = await server.get(paths.metrics, bearer(metricsSecret))
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private, no-store'])
    expect(answer.headers.get('content-type')).toContain('text/plain')
  })

  test('the secret opens nothing else, and must be another than the others', async () => {
    const server = await started()
    expect((await server.get(paths.revocations, bearer(metricsSecret))).status).toBe(401)
    await expect(startSallyport({ metricsSecret: verifierSecret })).rejects.toThrow(
      /SALLYPORT_METRICS_SECRET must differ/,
    )
  })
})

describe('what they show', () => {
  test('each branch of the refresh rule', async () => {
    const server = await started()
    const { refreshToken } = await server.signIn()
    const next = await requireTokens(await server.refresh(refreshToken))
    await server.refresh(refreshToken)
    server.clock.advance(60)
    await server.refresh(refreshToken)
    await server.refresh(next.refreshToken)
    await server.refresh(refreshToken)
    await server.refresh('garbage')
    const series = await read(server)
    const of = (outcome: string) => series.get(`sallyport_refresh_total{outcome="${outcome}"}`)
    expect(['rotate', 'repeat', 'sibling', 'reuse', 'refused'].map(of)).toEqual([2, 1, 1, 1, 1])
    expect(series.get('sallyport_sessions_ended_total{reason="reuse"}')).toBe(1)
  })

  test('sign-ins and sign-ups by outcome, and requests by route and status', async () => {
    const server = await started()
    await server.signIn()
    const wrong = { email: 'ada@example.com', password: 'wrong', transport: 'bearer' }
    await server.post(paths.login, wrong)
    await server.post(paths.register, {
      email: 'eve@example.com',
      password,
      name: 'Eve',
      transport: 'bearer',
    })
    const series = await read(server)
    expect(series.get('sallyport_sign_in_total{outcome="success"}')).toBe(1)
    expect(series.get('sallyport_sign_in_total{outcome="refused"}')).toBe(1)
    expect(series.get('sallyport_sign_up_total')).toBe(2)
    expect(series.get(`sallyport_requests_total{route="${paths.login}",method="POST",status="401"}`)).toBe(1)
    expect(series.get(`sallyport_request_duration_seconds_count{route="${paths.login}",method="POST"}`)).toBe(
      2,
    )
  })

  test('A07: the gate at work, waiting and full', async () => {
    const server = await started({ hashConcurrency: 1, hashQueueLength: 2, hashIterations: 20 })
    const attempt = () =>
      server.post(paths.login, { email: 'ada@example.com', password, transport: 'bearer' })
    const attempts = [attempt(), attempt(), attempt(), attempt(), attempt()]
    await expect.poll(async () => (await read(server)).get('sallyport_hash_gate_refused')).toBe(2)
    const series = await read(server)
    expect(series.get('sallyport_hash_gate_running')).toBe(1)
    await Promise.all(attempts)
    const after = await read(server)
    expect([after.get('sallyport_hash_gate_running'), after.get('sallyport_hash_gate_waiting')]).toEqual([
      0, 0,
    ])
    expect(after.get('sallyport_sign_in_total{outcome="busy"}')).toBe(2)
  })

  test('readers of the feed, live revocations, lag, and the age of the key', async () => {
    const server = await started()
    const { refreshToken } = await server.signIn()
    const stream = await server.get(paths.revocations, bearer(verifierSecret))
    await server.post(paths.logout, { refreshToken })
    server.clock.advance(3_600)
    const series = await read(server)
    expect(series.get('sallyport_feed_readers')).toBe(1)
    expect(series.get('sallyport_revocations_live')).toBe(1)
    expect(series.get('sallyport_feed_lag_seconds')).toBe(3_600)
    expect(series.get('sallyport_signing_key_age_seconds')).toBe(3_600)
    expect(series.get('sallyport_signing_key_remaining_seconds')).toBe(30 * 86_400 - 3_600)
    expect(series.has('process_cpu_seconds_total')).toBe(true)
    await stream.body?.cancel()
    expect((await read(server)).get('sallyport_feed_readers')).toBe(0)
  })

  test('requests that the database could not serve (D08)', async () => {
    const server = await started()
    const { refreshToken } = await server.signIn()
    const other = new SqliteDatabase(join(server.dataDir, 'sallyport.db'))
    other.exec('begin immediate')
    expect((await server.refresh(refreshToken)).status).toBe(503)
    other.exec('rollback')
    other.close()
    await server.refresh(refreshToken)
    expect((await read(server)).get('sallyport_database_errors_total')).toBe(1)
  })

  test('no series that a caller could make, however many there are, and nobody’s name', async () => {
    const server = await started()
    await server.signIn()
    const names = async () => (await read(server)).size
    await server.get('/nowhere')
    await read(server)
    const before = await names()
    for (let index = 0; index < 200; index += 1) {
      await server.fetch(`/${crypto.randomUUID()}?email=ada@example.com`, {
        headers: { host: `${index}.example.com` },
      })
      await server.fetch(paths.login, { method: `X${index}` })
    }
    // One for what is no known method.
    expect((await names()) - before).toBeLessThan(40)
    const again = await names()
    for (let index = 0; index < 200; index += 1) await server.fetch(paths.login, { method: `Y${index}` })
    expect(await names()).toBe(again)
    expect([...(await read(server)).keys()].join('\n')).not.toMatch(/ada|example\.com|[0-9a-f]{8}-/)
  })
})

test('the page names every metric that there is, and no other', () => {
  const metrics = createMetrics()
  metrics.observe({
    gate: () => ({ running: 0, waiting: 0, refused: 0 }),
    feed: () => ({ readers: 0, lagSeconds: 0, live: 0 }),
    key: () => ({ ageSeconds: 0, remainingSeconds: 0 }),
  })
  const page = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8')
  const written = [...page.matchAll(/^\| `(sallyport_\w+)` \| (.+?) \|$/gm)].map(([, name, help]) => ({
    name,
    help,
  }))
  const own = metrics.describe().filter(({ name }) => name.startsWith('sallyport_'))
  expect(written).toEqual(own)
})
