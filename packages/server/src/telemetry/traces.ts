import {
  type Attributes,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'

export type { Span } from '@opentelemetry/api'

const tracer = trace.getTracer('sallyport')

const carrier = {
  get: (headers: Headers, name: string) => headers.get(name) ?? undefined,
  keys: (headers: Headers) => [...headers.keys()],
}

/**
 * Runs the work of one request in a span, as a child of the caller's where `traceparent` says so. An operator who has set up
 * OpenTelemetry sees it; without that it is a call and no more.
 */
export function inRequestSpan<T>(
  headers: Headers,
  { method, route }: { method: string; route: string },
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const attributes = { 'http.request.method': method, 'http.route': route }
  const parent = propagation.extract(context.active(), headers, carrier)
  return tracer.startActiveSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent, (span) =>
    ended(span, () => work(span)),
  )
}

/** Runs a part of the work in a span of its own. Attributes hold no person, no token and no secret. */
export function inSpan<T>(
  name: string,
  work: (span: Span) => Promise<T>,
  attributes: Attributes = {},
): Promise<T> {
  return tracer.startActiveSpan(name, { attributes }, (span) => ended(span, () => work(span)))
}

async function ended<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR })
    throw error
  } finally {
    span.end()
  }
}
