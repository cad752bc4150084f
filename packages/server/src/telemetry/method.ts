const known = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Returns a method as a label. All unknown methods have one label, which the HTTP conventions of OpenTelemetry define. */
export function methodLabel(method: string): string {
  return known.has(method) ? method : '_OTHER'
}
