import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { paths } from '@sallyport/protocol/endpoints'
import SqliteDatabase from 'better-sqlite3'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { endReasons } from '../flows/session/end-session.ts'
import {
  bearer,
  metricsSecret,
  password,
  requireTokens,
  startSallyport,
  type TestServer,
  verifierSecret,
} from '../testing/sallyport.ts'
import { createMetrics, type Readings } from './metrics.ts'

async function started(options: Parameters<typeof startSallyport>[0] = {}) {
  const server = await startSallyport({ metricsSecret, ...options })
  await server.addUser()
  return server
}

async function textOf(server: TestServer): Promise<string> {
  const answer = await server.get(paths.metrics, bearer(metricsSecret))
  expect(answer.status).toBe(200)
  return answer.text()
}

/** Returns every series with its value; those of Sallyport without their prefix. */
async function read(server: TestServer): Promise<Record<string, number>> {
  const lines = (await textOf(server)).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.lastIndexOf(' ')
      return [line.slice(0, end).replace(/^sallyport_/, ''), Number(line.slice(end + 1))]
    }),
  )
}

/** Returns the values of one metric by its only label, without zeros. */
async function countsOf(server: TestServer, name: string): Promise<Record<string, number>> {
  const pattern = new RegExp(`^${name}\\{\\w+="(\\w+)"\\}$`)
  return Object.fromEntries(
    Object.entries(await read(server)).flatMap(([series, value]) => {
      const label = series.match(pattern)?.[1]
      return label !== undefined && value > 0 ? [[label, value]] : []
    }),
  )
}

/** Locks the database against other writers, as a backup or a hung process may. */
async function whileLocked<T>(server: TestServer, work: () => Promise<T>): Promise<T> {
  const other = new SqliteDatabase(join(server.dataDir, 'sallyport.db'))
  try {
    other.exec('begin immediate')
    return await work()
  } finally {
    other.close()
  }
}

const ada = { email: 'ada@example.com', password, transport: 'bearer' }

describe('access to the metrics', () => {
  test('without the setting, every request gets 404', async () => {
    const server = await startSallyport()
    for (const headers of [{}, bearer(metricsSecret), bearer(verifierSecret), bearer('undefined')])
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'DELETE']) {
        const answer = await server.fetch(paths.metrics, { method, headers })
        const elsewhere = await server.fetch('/nowhere', { method, headers })
        expect([method, answer.status]).toEqual([method, 404])
        expect([...answer.headers.keys()]).toEqual([...elsewhere.headers.keys()])
        if (method !== 'HEAD') expect(await answer.json()).toMatchObject({ code: 'not_found' })
      }
    expect(server.logLines.join('')).not.toContain(`"route":"${paths.metrics}"`)
  })

  test('with the setting, requires its secret', async () => {
    const server = await started()
    const { accessToken } = await server.signIn()
    const refused = [
      {},
      bearer(verifierSecret),
      bearer(accessToken),
      bearer(''),
      bearer('undefined'),
      bearer(metricsSecret.slice(0, -1)),
      bearer(`${metricsSecret}x`),
      bearer(`${metricsSecret}, ${metricsSecret}`),
      { authorization: `Basic ${metricsSecret}` },
      { cookie: `accessToken=${metricsSecret}` },
    ]
    for (const headers of refused)
      for (const method of ['GET', 'HEAD']) {
        const answer = await server.fetch(paths.metrics, { method, headers })
        expect([answer.status, answer.headers.get('cache-control')]).toEqual([401, 'private, no-store'])
        expect(await answer.text()).not.toContain('sallyport_')
      }
    expect((await server.get(`${paths.metrics}?token=${metricsSecret}`)).status).toBe(401)
  })

  test('returns Prometheus’ text format, not cacheable; HEAD has the same headers', async () => {
    const server = await started()
    for (const method of ['GET', 'HEAD']) {
      const answer = await server.fetch(paths.metrics, { method, headers: bearer(metricsSecret) })
      expect(answer.status).toBe(200)
      expect(answer.headers.get('cache-control')).toBe('private, no-store')
      expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
      expect((await answer.text()).includes('# TYPE sallyport_refresh_total counter')).toBe(method === 'GET')
    }
  })

  test('the secret gives access to nothing else, and must differ from the others', async () => {
    const server = await started()
    expect((await server.get(paths.revocations, bearer(metricsSecret))).status).toBe(401)
    expect((await server.post(paths.introspect, { token: 'x' }, bearer(metricsSecret))).status).toBe(401)
    expect((await server.session(metricsSecret)).status).toBe(401)
    await expect(startSallyport({ metricsSecret: verifierSecret })).rejects.toThrow(
      /SALLYPORT_METRICS_SECRET must differ/,
    )
    await expect(startSallyport({ metricsSecret: 'short' })).rejects.toThrow(
      /^SALLYPORT_METRICS_SECRET needs at least 32/,
    )
  })
})

describe('requests', () => {
  test('are counted by route, method and status, and timed in seconds', async () => {
    const server = await started()
    await server.signIn()
    await server.post(paths.signIn, { ...ada, password: 'wrong' })
    await server.fetch(`${paths.listSessions}/0199c5a0-0000-7000-8000-000000000000`, { method: 'DELETE' })
    await server.fetch(paths.health, { method: 'HEAD' })
    await server.get('/nowhere')
    const series = await read(server)
    expect(series).toMatchObject({
      [`requests_total{route="${paths.signIn}",method="POST",status="200"}`]: 1,
      [`requests_total{route="${paths.signIn}",method="POST",status="401"}`]: 1,
      [`requests_total{route="${paths.listSessions}/:id",method="DELETE",status="401"}`]: 1,
      [`requests_total{route="${paths.health}",method="HEAD",status="200"}`]: 1,
      'requests_total{route="*",method="GET",status="404"}': 1,
    })
    const login = `route="${paths.signIn}",method="POST"`
    const limits = Object.keys(series).flatMap(
      (name) => name.match(/^request_duration_seconds_bucket\{le="(.+)",route="\*"/)?.[1] ?? [],
    )
    expect([limits.at(0), limits.at(-2), limits.at(-1)]).toEqual(['0.001', '10', '+Inf'])
    expect(series[`request_duration_seconds_bucket{le="+Inf",${login}}`]).toBe(2)
    const sum = series[`request_duration_seconds_sum{${login}}`] ?? 0
    // Two hashes take at least some milliseconds and less than a minute.
    expect(sum).toBeGreaterThan(0.001)
    expect(sum).toBeLessThan(60)
  })

  test('ten thousand paths, methods and hosts add no series and no personal data [D07]', async () => {
    const server = await started()
    const known = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
    const ask = (method: string, path: string, host = 'localhost:4000') =>
      server.sallyport.fetch(
        new Request(`http://${host}${path}`, { method, headers: { origin: `https://${host}` } }),
      )
    for (const method of [...known, 'INVENTED'])
      for (const path of ['/nowhere', paths.signIn, `${paths.listSessions}/one`]) await ask(method, path)
    await read(server)
    const before = Object.keys(await read(server))
    for (let round = 0; round < 100; round += 1)
      await Promise.all(
        Array.from({ length: 100 }, (_, index) => {
          const id = crypto.randomUUID()
          const path = [
            `/${id}`,
            `${paths.signIn}?email=ada@example.com&x=${id}`,
            `${paths.listSessions}/${id}`,
          ]
          const method = index % 2 ? `X${id}` : (known[(index / 2) % known.length] ?? '')
          return ask(method, path[index % 3] ?? '', `${id}.example.com`)
        }),
      )
    const after = await read(server)
    expect(Object.keys(after)).toEqual(before)
    expect(after[`requests_total{route="${paths.signIn}",method="_OTHER",status="405"}`]).toBeGreaterThan(
      1000,
    )
    const text = await textOf(server)
    expect(text).not.toMatch(/ada|example\.com|[\da-f]{8}-/)
  })
})

describe('flows', () => {
  test('every label value starts at zero', async () => {
    const series = await read(await startSallyport({ metricsSecret }))
    for (const outcome of ['rotate', 'repeat', 'sibling', 'reuse', 'restored', 'refused', 'failed'])
      expect(series[`refresh_total{outcome="${outcome}"}`]).toBe(0)
    for (const outcome of ['success', 'refused', 'busy', 'gone', 'failed'])
      for (const name of ['sign_in_total', 'sign_up_total'])
        expect(series[`${name}{outcome="${outcome}"}`]).toBe(0)
    for (const reason of endReasons) expect(series[`sessions_ended_total{reason="${reason}"}`]).toBe(0)
    expect(series.database_errors_total).toBe(0)
    for (const name of ['hash_queue', 'hash_gate']) expect(series[`${name}_refused_total`]).toBe(0)
  })

  test('count each branch of the refresh rule', async () => {
    const server = await started()
    const { refreshToken } = await server.signIn()
    const next = await requireTokens(await server.refresh(refreshToken))
    expect(await countsOf(server, 'refresh_total')).toEqual({ rotate: 1 })
    await server.refresh(refreshToken)
    expect(await countsOf(server, 'refresh_total')).toEqual({ rotate: 1, repeat: 1 })
    server.clock.advance(60)
    await server.refresh(refreshToken)
    expect(await countsOf(server, 'refresh_total')).toEqual({ rotate: 1, repeat: 1, sibling: 1 })
    await server.refresh(next.refreshToken)
    await server.refresh(refreshToken)
    expect(await countsOf(server, 'refresh_total')).toEqual({ rotate: 2, repeat: 1, sibling: 1, reuse: 1 })
    expect(await countsOf(server, 'sessions_ended_total')).toEqual({ reuse: 1 })
    await server.refresh(next.refreshToken)
    await server.refresh('garbage')
    expect(await countsOf(server, 'refresh_total')).toMatchObject({ reuse: 1, refused: 2 })
  })

  test('count one rotation for a race of fifty', async () => {
    const server = await started()
    const { refreshToken } = await server.signIn()
    await Promise.all(Array.from({ length: 50 }, () => server.refresh(refreshToken)))
    expect(await countsOf(server, 'refresh_total')).toEqual({ rotate: 1, repeat: 49 })
  })

  test('count sign-ins and sign-ups by outcome; users created by an operator are not sign-ups', async () => {
    const server = await started()
    await server.signIn()
    await server.post(paths.signIn, { ...ada, password: 'wrong' })
    await server.post(paths.signIn, { ...ada, email: 'nobody@example.com' })
    expect(await countsOf(server, 'sign_in_total')).toEqual({ success: 1, refused: 2 })
    expect(await countsOf(server, 'sign_up_total')).toEqual({})
    await server.post(paths.signUp, { ...ada, email: 'eve@example.com', name: 'Eve' })
    await server.post(paths.signUp, { ...ada, email: 'eve@example.com', name: 'Eve' })
    await server.post(paths.signUp, {
      ...ada,
      email: 'eva@example.com',
      name: 'Eva',
      password: 'short',
    })
    expect(await countsOf(server, 'sign_up_total')).toEqual({ success: 1, refused: 2 })
    expect(await countsOf(server, 'sign_in_total')).toEqual({ success: 1, refused: 2 })
  })

  test('count ended sessions by reason, each once', async () => {
    const server = await started()
    const user = await server.sallyport.operator.users.find('ada@example.com')
    const id = user?.id ?? ''
    const [one, two, three] = [await server.signIn(), await server.signIn(), await server.signIn()]
    await server.post(paths.signOut, { refreshToken: one.refreshToken })
    await server.post(paths.signOut, { refreshToken: one.refreshToken })
    expect(await countsOf(server, 'sessions_ended_total')).toEqual({ sign_out: 1 })
    const headers = bearer(three.accessToken)
    const change = { currentPassword: password, newPassword: password }
    expect((await server.post(paths.changePassword, change, headers)).status).toBe(204)
    expect(await countsOf(server, 'sessions_ended_total')).toEqual({ sign_out: 1, password_change: 1 })
    expect((await server.refresh(two.refreshToken)).status).toBe(401)
    const four = await server.signIn()
    await server.signIn()
    await server.fetch(`${paths.listSessions}?except=current`, {
      method: 'DELETE',
      headers: bearer(four.accessToken),
    })
    expect(await countsOf(server, 'sessions_ended_total')).toMatchObject({ revoked: 2 })
    await server.sallyport.operator.sessions.revokeAll(id)
    expect(await countsOf(server, 'sessions_ended_total')).toMatchObject({ operator: 1 })
    await server.signIn()
    await server.sallyport.operator.users.disable(id)
    expect(await countsOf(server, 'sessions_ended_total')).toEqual({
      sign_out: 1,
      password_change: 1,
      revoked: 2,
      operator: 1,
      disabled: 1,
    })
  })

  test('each server has its own counts', async () => {
    const [one, other] = [await started(), await started()]
    await one.signIn()
    expect(await countsOf(one, 'sign_in_total')).toEqual({ success: 1 })
    expect(await countsOf(other, 'sign_in_total')).toEqual({})
  })
})

describe('load and errors', () => {
  test('show the queue running, waiting and full, and clients that disconnect while waiting [A07]', async () => {
    const server = await started({
      hashConcurrency: 1,
      hashQueueLength: 2,
      hashIterations: 10,
      hashMemoryKibibytes: 65_536,
    })
    const gone = new AbortController()
    const attempt = (signal?: AbortSignal) =>
      server.fetch(paths.signIn, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(ada),
        ...(signal && { signal }),
      })
    const queue = async () => {
      const series = await read(server)
      for (const name of ['running', 'waiting', 'refused_total'])
        expect(series[`hash_gate_${name}`]).toBe(series[`hash_queue_${name}`])
      return [
        series.hash_queue_running,
        series.hash_queue_waiting,
        series.hash_queue_refused_total,
        series['sign_in_total{outcome="gone"}'],
      ]
    }
    const first = [attempt(), attempt()]
    await expect.poll(queue, { interval: 5 }).toEqual([1, 1, 0, 0])
    const leaving = attempt(gone.signal)
    await expect.poll(queue, { interval: 5 }).toEqual([1, 2, 0, 0])
    const late = [await attempt(), await attempt()]
    expect(late.map(({ status }) => status)).toEqual([503, 503])
    expect(await queue()).toEqual([1, 2, 2, 0])
    gone.abort()
    await leaving
    expect(await queue()).toEqual([1, 1, 2, 1])
    await Promise.all(first)
    expect(await queue()).toEqual([0, 0, 2, 1])
    expect(await countsOf(server, 'sign_in_total')).toEqual({ success: 2, busy: 2, gone: 1 })
  })

  test('count an unavailable database as an error, not as a refusal [D08]', async () => {
    const server = await started()
    const { refreshToken } = await server.signIn()
    await whileLocked(server, async () => {
      expect((await server.refresh(refreshToken)).status).toBe(503)
      expect((await server.post(paths.signIn, ada)).status).toBe(503)
    })
    expect((await read(server)).database_errors_total).toBe(2)
    expect(await countsOf(server, 'refresh_total')).toEqual({ failed: 1 })
    expect(await countsOf(server, 'sign_in_total')).toEqual({ success: 1, failed: 1 })
    await server.refresh(refreshToken)
    expect(await countsOf(server, 'refresh_total')).toEqual({ failed: 1, rotate: 1 })
    await server.sallyport.close()
    expect((await server.get(paths.ready)).status).toBe(503)
    expect((await read(server)).database_errors_total).toBe(3)
  })

  describe('with a controlled clock', () => {
    afterEach(() => {
      vi.useRealTimers()
    })

    test('count upkeep that finds the database locked [D08]', async () => {
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
      const server = await started()
      await whileLocked(server, async () => {
        vi.advanceTimersByTime(60_000)
        await vi.waitFor(() => expect(server.logLines.join('')).toContain('"route":"purge"'), 10_000)
      })
      expect((await read(server)).database_errors_total).toBe(1)
    })
  })
})

describe('gauges read at the time of the request', () => {
  test('show readers of the feed, stored revocations, and the time since the log was read', async () => {
    const server = await started()
    const feed = async () => {
      const { feed_readers, revocations_live, feed_lag_seconds } = await read(server)
      return [feed_readers, revocations_live, feed_lag_seconds]
    }
    expect(await feed()).toEqual([0, 0, 0])
    const { refreshToken } = await server.signIn()
    const streams = [
      await server.get(paths.revocations, bearer(verifierSecret)),
      await server.get(paths.revocations, bearer(verifierSecret)),
    ]
    await server.post(paths.signOut, { refreshToken })
    expect(await feed()).toEqual([2, 1, 0])
    await streams[0]?.body?.cancel()
    expect(await feed()).toEqual([1, 1, 0])
    // The log is no longer read.
    await server.sallyport.close()
    server.clock.advance(25)
    expect(await feed()).toEqual([0, 1, 25])
  })

  test('show the age of the signing key, and the time until the next', async () => {
    const server = await started()
    const hour = 3_600
    const month = 30 * 24 * hour
    const key = async () => {
      const { signing_key_age_seconds, signing_key_remaining_seconds } = await read(server)
      return [signing_key_age_seconds, signing_key_remaining_seconds]
    }
    expect(await key()).toEqual([0, month])
    server.clock.advance(hour)
    expect(await key()).toEqual([hour, month - hour])
    // The reserve key is an hour old, and every verifier knows it after another hour.
    await server.sallyport.operator.keys.rotate()
    expect(await key()).toEqual([hour, hour])
    server.clock.advance(hour)
    expect(await key()).toEqual([0, month])
    // Without upkeep there is no new reserve key, and the remaining time becomes negative.
    server.clock.advance(month + 60)
    expect(await key()).toEqual([month + 60, -60])
  })

  test('show the process itself', async () => {
    const series = await read(await started())
    expect(series.process_cpu_seconds_total).toBeGreaterThan(0)
    expect(series.process_resident_memory_bytes).toBeGreaterThan(1e6)
    expect(series.nodejs_eventloop_lag_seconds).toBeGreaterThanOrEqual(0)
  })

  test('show the others if one cannot be read', async () => {
    const metrics = createMetrics()
    metrics.observe({
      ...readings,
      key: () => {
        throw new Error('there is no signing key')
      },
    })
    const { text } = await metrics.render()
    // The spelling of prom-client; Prometheus accepts any case.
    expect(text).toContain('\nsallyport_signing_key_age_seconds Nan\n')
    expect(text).toContain('\nsallyport_feed_readers 0\n')
  })
})

const readings: Readings = {
  queue: () => ({ running: 0, waiting: 0, refused: 0 }),
  feed: () => ({ readers: 0, lagSeconds: 0, live: 0 }),
  key: () => ({ ageSeconds: 0, remainingSeconds: 0 }),
}

describe('docs/operations.md', () => {
  const page = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8')
  const metrics = createMetrics(endReasons)
  metrics.observe(readings)
  const own = metrics.describe()

  test('lists all metrics with type, labels and meaning, and no others', () => {
    const written = [...page.matchAll(/^\| `(sallyport_\w+)` \| (\w+) \| (.*?) ?\| (.+?) \|$/gm)].map(
      ([, name, type, labels, help]) => ({ name, type, labels: labels?.replaceAll('`', ''), help }),
    )
    expect(written).toEqual(own)
  })

  test('has alerts only on existing metrics and labels', () => {
    const names = new Set(own.map(({ name }) => name))
    const used = [...page.matchAll(/\b(sallyport_\w+?)(?:_bucket|_count|_sum)?\b(?!`\))/g)].map(
      ([, name = '']) => name,
    )
    expect(used.length).toBeGreaterThan(names.size)
    expect(used.filter((name) => !names.has(name))).toEqual([])
    const selectors = [...page.matchAll(/(sallyport_\w+?)(?:_bucket)?\{(\w+)="([^"]+)"\}/g)]
    expect(selectors.length).toBeGreaterThan(3)
    for (const [, name = '', label = '', value = ''] of selectors) {
      const [labels = '', values] = own.find((metric) => metric.name === name)?.labels.split(': ') ?? []
      expect(labels.split(', ')).toContain(label)
      if (values !== undefined) expect(values.split(', ')).toContain(value)
    }
  })
})
