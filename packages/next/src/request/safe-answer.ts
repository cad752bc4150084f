/** Media types in which browsers run no scripts. PDF viewers do not work in a sandbox. */
const inert =
  /^(?:application\/(?:(?:[\w.-]+\+)?json|x-ndjson|octet-stream|pdf|zip|gzip)|text\/(?:plain|csv|css|event-stream)|(?:image\/(?!svg)|audio\/|video\/|font\/)[\w.+-]+)\s*(?:;[^,]*)?$/i

/**
 * Makes a response of the API safe on the origin of the session's cookies: its type is not sniffed, only this user's cache may store it,
 * and a document that could run scripts gets a sandbox in addition to the API's own policy.
 */
export function protect(
  headers: Headers,
  { status, trustsDocuments }: { status: number; trustsDocuments: boolean },
): void {
  headers.set('x-content-type-options', 'nosniff')
  headers.set('cross-origin-resource-policy', 'same-origin')
  if (!trustsDocuments && !isKnownInert(headers, status)) headers.append('content-security-policy', 'sandbox')

  const cacheControl = headers.get('cache-control')
  if (cacheControl !== null) headers.set('cache-control', privately(cacheControl))
  // The browser's stored response is already private, so a 304 adds nothing.
  else if (status !== 304) headers.set('cache-control', 'private, no-store')
  // The token in `Authorization` comes from the browser's cookie.
  if (/(?:^|,)\s*authorization\s*(?:,|$)/i.test(headers.get('vary') ?? '')) headers.append('vary', 'cookie')
  // Next would compress a part as if it were the whole body.
  if (status === 206 && !/\bno-transform\b/i.test(cacheControl ?? ''))
    headers.append('cache-control', 'no-transform')
}

function isKnownInert(headers: Headers, status: number): boolean {
  const type = headers.get('content-type')
  // The headers of a 304 replace stored ones (RFC 9111 section 3.2). Without a type, it could replace the stored policy.
  if (status === 304 && type === null) return !headers.has('content-security-policy')
  return inert.test(type ?? '')
}

/**
 * Returns the API's `Cache-Control` for private caches only. Shared caches store responses to requests with `Authorization` only if told
 * to (RFC 9111 section 3.5), but the browser's request has no such header.
 */
function privately(cacheControl: string): string {
  const directives = cacheControl.match(/[^\s,="]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s,"]*))?/g) ?? []
  const shared = /^(?:public|s-maxage|proxy-revalidate)\b/i
  const own = directives.filter((directive) => !shared.test(directive))
  const isPrivate = own.some((directive) => /^(?:private|no-store)$/i.test(directive))
  if (isPrivate && own.length === directives.length) return cacheControl
  return (isPrivate ? own : ['private', ...own]).join(', ')
}
