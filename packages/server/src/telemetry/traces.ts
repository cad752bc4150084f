import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { methodLabel } from './method.ts'

export type { Span } from '@opentelemetry/api'

const tracer = trace.getTracer('sallyport')

const carrier = {
  get: (headers: Headers, name: string) => headers.get(name) ?? undefined,
  keys: (headers: Headers) => [...headers.keys()],
}

/**
 * Runs the work of one request in a span. If the surrounding program or an HTTP instrumentation has started a span, the new span is its
 * child. Otherwise the parent of the new span comes from the caller's `traceparent`. Without an OpenTelemetry SDK, this function only calls
 * `work`.
 */
export function inRequestSpan<T>(
  headers: Headers,
  { method, route }: { method: string; route: string },
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const label = methodLabel(method)
  const attributes = { 'http.request.method': label, 'http.route': route }
  const active = context.active()
  // If there is an active span, its creator has read `traceparent` already. If `traceparent` were read again here, the two spans would have
  // the same parent.
  const parent = trace.getSpan(active) ? active : propagation.extract(active, headers, carrier)
  // By the conventions of OpenTelemetry, the name of a span must not contain an unknown method.
  const name = `${label === '_OTHER' ? 'HTTP' : label} ${route}`
  return tracer.startActiveSpan(name, { kind: SpanKind.SERVER, attributes }, parent, async (span) => {
    try {
      return await work(span)
    } finally {
      span.end()
    }
  })
}

/** Records the result of the request. If the status is below 500, the span is not marked as failed. */
export function noteAnswer(span: Span, { status, code }: { status: number; code: string | undefined }): void {
  span.setAttribute('http.response.status_code', status)
  if (code !== undefined) span.setAttribute('sallyport.code', code)
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
}

/**
 * Runs a part of the work in a span. Attributes must not contain personal data, tokens or secrets. Errors are not recorded, because their
 * text may contain such data. If `isExpected` returns true for an error, the span is not marked as failed.
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
