const known = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Returns the label of a method. All unknown methods have the label `_OTHER`, as in the HTTP conventions of OpenTelemetry. */
export function methodLabel(method: string): string {
  return known.has(method) ? method : '_OTHER'
}
