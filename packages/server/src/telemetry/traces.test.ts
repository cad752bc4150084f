import { context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { paths } from '@sallyport/protocol'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startSallyport } from '../testing/sallyport.ts'

const exporter = new InMemorySpanExporter()
beforeAll(() => {
  // As an operator sets it up, with a real SDK.
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

test('a request is a span of its own, with what was done in it below, under the caller’s trace', async () => {
  const server = await startSallyport()
  await server.addUser()
  const { refreshToken } = await server.signIn()
  exporter.reset()
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  await server.post(paths.refresh, { refreshToken }, { traceparent: `00-${traceId}-b7ad6b7169203331-01` })
  const [part, whole] = exporter.getFinishedSpans()
  expect(whole?.name).toBe(`POST ${paths.refresh}`)
  expect(whole?.attributes).toEqual({
    'http.request.method': 'POST',
    'http.route': paths.refresh,
    'http.response.status_code': 200,
  })
  expect(part?.name).toBe('sallyport.refresh')
  expect(part?.attributes).toEqual({ 'sallyport.refresh.outcome': 'rotate' })
  expect(part?.parentSpanContext?.spanId).toBe(whole?.spanContext().spanId)
  expect(whole?.spanContext().traceId).toBe(traceId)
})

test('a refusal says its code; and no span holds an address, a password or a token', async () => {
  const server = await startSallyport()
  await server.addUser()
  const { accessToken, refreshToken } = await server.signIn()
  await server.post(paths.login, { email: 'canary@example.com', password: 'canary', transport: 'bearer' })
  await server.get(`/canary?email=canary@example.com`)
  const spans = exporter.getFinishedSpans()
  expect(spans.find(({ attributes }) => attributes['sallyport.code'] === 'invalid_credentials')?.name).toBe(
    `POST ${paths.login}`,
  )
  expect(spans.map(({ name }) => name)).toContain('sallyport.verify_password')
  const text = JSON.stringify(
    spans.map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
  )
  expect(text).not.toMatch(/canary|ada@/)
  for (const secret of [accessToken, refreshToken]) expect(text).not.toContain(secret)
})
