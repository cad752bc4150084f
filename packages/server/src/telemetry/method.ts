const known = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** A method as a label. All that callers invent is one, named as OpenTelemetry's conventions for HTTP name it. */
export function methodLabel(method: string): string {
  return known.has(method) ? method : '_OTHER'
}
