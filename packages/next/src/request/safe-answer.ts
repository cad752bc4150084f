/** Types that no browser runs a script of when it shows them. PDF readers do not work in a sandbox at all. */
const inert =
  /^(?:application\/(?:(?:[\w.-]+\+)?json|x-ndjson|octet-stream|pdf|zip|gzip)|text\/(?:plain|csv|css|event-stream)|(?:image\/(?!svg)|audio\/|video\/|font\/)[\w.+-]+)\s*(?:;[^,]*)?$/i

/**
 * Makes an answer of the API safe on the origin that the session's cookies are for: it is taken for what its type says, is for this
 * one person, and what a browser would show as a document with scripts gets a sandbox beside the API's own policy.
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
  // What a browser has stored, it stored as private: a 304 has nothing to add.
  else if (status !== 304) headers.set('cache-control', 'private, no-store')
  // The token that the API judged by is in the browser's cookie.
  if (/(?:^|,)\s*authorization\s*(?:,|$)/i.test(headers.get('vary') ?? '')) headers.append('vary', 'cookie')
  // Next would compress a part as if it were the whole.
  if (status === 206 && !/\bno-transform\b/i.test(cacheControl ?? ''))
    headers.append('cache-control', 'no-transform')
}

function isKnownInert(headers: Headers, status: number): boolean {
  const type = headers.get('content-type')
  // The headers of a 304 replace stored ones of their name (RFC 9111 section 3.2): of a type that it does not tell, with the policy of then.
  if (status === 304 && type === null) return !headers.has('content-security-policy')
  return inert.test(type ?? '')
}

/**
 * The API's word on caching, for one person's cache alone. It was said to a request with `Authorization`, whose answers shared caches
 * keep only if they are told to (RFC 9111 section 3.5); to them ours looks like any other.
 */
function privately(cacheControl: string): string {
  const directives = cacheControl.match(/[^\s,="]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s,"]*))?/g) ?? []
  const shared = /^(?:public|s-maxage|proxy-revalidate)\b/i
  const own = directives.filter((directive) => !shared.test(directive))
  const isPrivate = own.some((directive) => /^(?:private|no-store)$/i.test(directive))
  if (isPrivate && own.length === directives.length) return cacheControl
  return (isPrivate ? own : ['private', ...own]).join(', ')
}
