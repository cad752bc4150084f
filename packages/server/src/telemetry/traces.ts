import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { methodLabel } from './method.ts'

export type { Span } from '@opentelemetry/api'

const tracer = trace.getTracer('sallyport')

const carrier = {
  get: (headers: Headers, name: string) => headers.get(name) ?? undefined,
  keys: (headers: Headers) => [...headers.keys()],
}

/**
 * Runs the work of one request in a span: below the one that a host or an instrumentation of HTTP has opened for it, else below the
 * caller's where `traceparent` says so. An operator who has set up OpenTelemetry sees it; without that it is a call and no more.
 */
export function inRequestSpan<T>(
  headers: Headers,
  { method, route }: { method: string; route: string },
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const label = methodLabel(method)
  const attributes = { 'http.request.method': label, 'http.route': route }
  const active = context.active()
  // Whoever has opened a span has read `traceparent` too: reading it again would set ours beside theirs.
  const parent = trace.getSpan(active) ? active : propagation.extract(active, headers, carrier)
  // A span's name holds no method that a caller invents, as the conventions want it.
  const name = `${label === '_OTHER' ? 'HTTP' : label} ${route}`
  return tracer.startActiveSpan(name, { kind: SpanKind.SERVER, attributes }, parent, async (span) => {
    try {
      return await work(span)
    } finally {
      span.end()
    }
  })
}

/** How the request ended. Below 500 it is the caller's business, and no error of the span. */
export function noteAnswer(span: Span, { status, code }: { status: number; code: string | undefined }): void {
  span.setAttribute('http.response.status_code', status)
  if (code !== undefined) span.setAttribute('sallyport.code', code)
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
}

/**
 * Runs a part of the work in a span of its own. Attributes hold no person, no token and no secret; what is thrown is not recorded,
 * for its text is not ours. `isExpected` says which of it is no error of the span.
 */
export function inSpan<T>(
  name: string,
  work: (span: Span) => Promise<T>,
  isExpected: (error: unknown) => boolean = () => false,
): Promise<T> {
  return tracer.startActiveSpan(name, async (span) => {
    try {
      return await work(span)
    } catch (error) {
      if (!isExpected(error)) span.setStatus({ code: SpanStatusCode.ERROR })
      throw error
    } finally {
      span.end()
    }
  })
}
