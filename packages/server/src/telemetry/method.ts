const known = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Returns a method as a label. Unknown methods share the label of OpenTelemetry's HTTP conventions. */
export function methodLabel(method: string): string {
  return known.has(method) ? method : '_OTHER'
}
