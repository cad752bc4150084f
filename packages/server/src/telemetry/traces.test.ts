import { context, propagation, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { paths } from '@sallyport/protocol/endpoints'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bearer, password, startSallyport, type TestServer, verifierSecret } from '../testing/sallyport.ts'

const exporter = new InMemorySpanExporter()
beforeAll(() => {
  // A real SDK, set up as by an operator.
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  )
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
})
afterAll(() => {
  trace.disable()
  context.disable()
  propagation.disable()
})
beforeEach(() => exporter.reset())

const ada = { email: 'ada@example.com', password, transport: 'bearer' }

async function started(options: Parameters<typeof startSallyport>[0] = {}) {
  const server = await startSallyport(options)
  await server.addUser()
  return server
}

/** Returns the span of one request and its direct children. */
async function spansOf(work: () => Promise<Response>) {
  exporter.reset()
  const { status } = await work()
  const spans = exporter.getFinishedSpans()
  const whole = spans.find(({ name }) => !name.startsWith('sallyport.'))
  if (whole === undefined) throw new Error('There is no span of the request.')
  const parts = spans.filter(
    ({ parentSpanContext }) => parentSpanContext?.spanId === whole.spanContext().spanId,
  )
  expect(spans.length).toBe(parts.length + 1)
  return { status, whole, parts }
}

function summary({ name, attributes, status }: ReadableSpan) {
  return { name, attributes, failed: status.code === SpanStatusCode.ERROR }
}

const refresh = (outcome: string, failed = false) => ({
  name: 'sallyport.refresh',
  attributes: { 'sallyport.refresh.outcome': outcome },
  failed,
})

describe('a request', () => {
  test('is a span, with its steps as children', async () => {
    const server = await started()
    const { refreshToken } = await server.signIn()
    const { whole, parts } = await spansOf(() => server.refresh(refreshToken))
    expect(summary(whole)).toEqual({
      name: 'POST /api/auth/refresh',
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/api/auth/refresh',
        'http.response.status_code': 200,
      },
      failed: false,
    })
    expect(whole.kind).toBe(1)
    expect(whole.parentSpanContext).toBeUndefined()
    expect(parts.map(summary)).toEqual([refresh('rotate')])
  })

  test('is a child of the caller’s traceparent; an invalid one is ignored', async () => {
    const server = await started()
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const ask = (traceparent: string) => spansOf(() => server.get(paths.health, { traceparent }))
    const { whole } = await ask(`00-${traceId}-b7ad6b7169203331-01`)
    expect(whole.spanContext().traceId).toBe(traceId)
    expect(whole.parentSpanContext?.spanId).toBe('b7ad6b7169203331')
    for (const wrong of [
      'x',
      `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
      `ff-${traceId}-b7ad6b7169203331-01`,
    ])
      expect((await ask(wrong)).whole.parentSpanContext).toBeUndefined()
  })

  test('is a child of the span of an HTTP instrumentation, which has already read traceparent', async () => {
    const server = await started()
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    exporter.reset()
    const outer = trace.getTracer('http').startSpan('GET')
    await context.with(trace.setSpan(context.active(), outer), () =>
      server.get(paths.health, { traceparent }),
    )
    const [ours] = exporter.getFinishedSpans()
    expect([ours?.name, ours?.parentSpanContext]).toEqual(['GET /healthz', outer.spanContext()])
  })

  test('keeps its own trace among fifty at once', async () => {
    const server = await started()
    const { refreshToken } = await server.signIn()
    exporter.reset()
    const traces = Array.from({ length: 50 }, (_, index) => String(index + 1).padStart(32, '0'))
    await Promise.all(
      traces.map((id) =>
        server.post(paths.refresh, { refreshToken }, { traceparent: `00-${id}-b7ad6b7169203331-01` }),
      ),
    )
    for (const id of traces) {
      const [part, whole] = exporter
        .getFinishedSpans()
        .filter((span) => span.spanContext().traceId === id)
        .sort((one) => (one.name === 'sallyport.refresh' ? -1 : 1))
      expect(part?.parentSpanContext?.spanId).toBe(whole?.spanContext().spanId)
      expect(whole?.parentSpanContext?.spanId).toBe('b7ad6b7169203331')
    }
  })

  test('with an unknown path or method is not named by it', async () => {
    const server = await started()
    const nowhere = await spansOf(() => server.get('/canary?email=canary'))
    expect(summary(nowhere.whole)).toMatchObject({
      name: 'GET *',
      attributes: { 'http.route': '*', 'sallyport.code': 'not_found' },
    })
    const invented = await spansOf(() => server.fetch(paths.signIn, { method: 'CANARY' }))
    expect(summary(invented.whole)).toMatchObject({
      name: 'HTTP /api/auth/login',
      attributes: { 'http.request.method': '_OTHER', 'sallyport.code': 'method_not_allowed' },
    })
  })

  test('that is refused has its code and is not an error; one that fails is an error', async () => {
    const server = await started()
    const wrong = await spansOf(() => server.post(paths.signIn, { ...ada, password: 'wrong' }))
    expect(summary(wrong.whole)).toMatchObject({
      attributes: { 'http.response.status_code': 401, 'sallyport.code': 'invalid_credentials' },
      failed: false,
    })
    const garbage = await spansOf(() => server.refresh('garbage'))
    expect(garbage.parts.map(summary)).toEqual([refresh('refused')])
    const { refreshToken } = await server.signIn()
    await server.sallyport.close()
    const failed = await spansOf(() => server.refresh(refreshToken))
    expect(summary(failed.whole)).toMatchObject({
      attributes: { 'http.response.status_code': 500, 'sallyport.code': 'internal_error' },
      failed: true,
    })
    expect(failed.parts.map(summary)).toEqual([refresh('failed', true)])
  })
})

describe('its children', () => {
  test('of a sign-in are its hash and its transaction', async () => {
    const server = await started()
    const { parts } = await spansOf(() => server.post(paths.signIn, ada))
    expect(parts.map(({ name }) => name)).toEqual(['sallyport.verify_password', 'sallyport.open_session'])
    const signUp = { ...ada, email: 'eve@example.com', name: 'Eve' }
    const { parts: others } = await spansOf(() => server.post(paths.signUp, signUp))
    expect(others.map(({ name }) => name)).toEqual(['sallyport.hash_password', 'sallyport.open_session'])
  })

  test('show the reason when sessions end', async () => {
    const server = await started()
    const { refreshToken, accessToken } = await server.signIn()
    const end = (reason: string) => ({
      name: 'sallyport.end_sessions',
      attributes: { 'sallyport.end_reason': reason },
      failed: false,
    })
    const { parts } = await spansOf(() => server.post(paths.signOut, { refreshToken }))
    expect(parts.map(summary)).toEqual([end('sign_out')])
    const { parts: none } = await spansOf(() => server.session(accessToken))
    expect(none).toEqual([])
    const other = await server.signIn()
    const { parts: all } = await spansOf(() =>
      server.fetch(`${paths.listSessions}?except=current`, {
        method: 'DELETE',
        headers: bearer(other.accessToken),
      }),
    )
    expect(all.map(summary)).toEqual([end('revoked')])
  })
})

/** Returns everything that a collector would receive of the spans so far. */
function exported(): string {
  return JSON.stringify(
    exporter.getFinishedSpans().map(({ name, kind, attributes, events, links, status, resource }) => {
      return { name, kind, attributes, events, links, status, resource: resource.attributes }
    }),
  )
}

async function everythingOnce(server: TestServer): Promise<string[]> {
  const { accessToken, refreshToken } = await server.signIn()
  await server.post(paths.signIn, { email: 'canary@example.com', password: 'canary', transport: 'bearer' })
  await server.post(paths.signUp, {
    email: 'canary@example.com',
    password: 'canary canary',
    name: 'canary',
    transport: 'bearer',
  })
  await server.get(`/canary?email=canary@example.com`, { 'user-agent': 'canary', host: 'canary.example' })
  await server.session(accessToken)
  await server.introspect(accessToken)
  await (await server.get(paths.revocations, bearer(verifierSecret))).body?.cancel()
  const next = (await (await server.refresh(refreshToken)).json()) as { refreshToken: string }
  await server.refresh(next.refreshToken)
  await server.refresh(refreshToken)
  await server.post(paths.signOut, { refreshToken: next.refreshToken })
  const users = server.rows<{ id: string }>('user').map(({ id }) => id)
  const sessions = server.rows<{ id: string }>('session').map(({ id }) => id)
  await server.sallyport.close()
  await server.refresh(next.refreshToken)
  return [accessToken, refreshToken, next.refreshToken, ...users, ...sessions, password, verifierSecret]
}

test('no span holds personal data, ids, passwords or tokens, or attributes that are not documented', async () => {
  const server = await started()
  const secrets = await everythingOnce(server)
  const text = exported()
  expect(exporter.getFinishedSpans().length).toBeGreaterThan(15)
  expect(text).not.toMatch(/canary|ada|sqlite|driver/i)
  for (const secret of secrets) expect(text).not.toContain(secret)
  const names = new Set(exporter.getFinishedSpans().flatMap(({ attributes }) => Object.keys(attributes)))
  expect([...names].sort()).toEqual([
    'http.request.method',
    'http.response.status_code',
    'http.route',
    'sallyport.code',
    'sallyport.end_reason',
    'sallyport.refresh.outcome',
  ])
})
