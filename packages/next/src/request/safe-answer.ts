/** Media types in which browsers run no scripts. PDF is included, because PDF viewers do not work in a sandbox. */
const inert =
  /^(?:application\/(?:(?:[\w.-]+\+)?json|x-ndjson|octet-stream|pdf|zip|gzip)|text\/(?:plain|csv|css|event-stream)|(?:image\/(?!svg)|audio\/|video\/|font\/)[\w.+-]+)\s*(?:;[^,]*)?$/i

/**
 * Changes the headers of an API's response so that the response cannot harm the app. The browser gets the response from the app's origin,
 * which also has the cookies of the session. The browser must not guess the media type, and only the browser's own cache may store the
 * response. If the response is a document that could run scripts, `sandbox` is added to the API's own content security policy.
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
  // For a 304 nothing is added, because the response that the browser has stored is already private.
  else if (status !== 304) headers.set('cache-control', 'private, no-store')
  // For the browser, `Vary: Authorization` means `Vary: Cookie`, because the token in `Authorization` comes from the browser's cookie.
  if (/(?:^|,)\s*authorization\s*(?:,|$)/i.test(headers.get('vary') ?? '')) headers.append('vary', 'cookie')
  // A part of a body (206) must not be compressed. Next would compress it as if it were the whole body.
  if (status === 206 && !/\bno-transform\b/i.test(cacheControl ?? ''))
    headers.append('cache-control', 'no-transform')
}

function isKnownInert(headers: Headers, status: number): boolean {
  const type = headers.get('content-type')
  // The headers of a 304 replace the stored headers (RFC 9111 section 3.2). If a 304 has a content security
  // policy and no media type, its policy would replace the stored policy, which may contain `sandbox`.
  if (status === 304 && type === null) return !headers.has('content-security-policy')
  return inert.test(type ?? '')
}

/**
 * Returns the API's `Cache-Control`, changed so that only private caches may store the response. For a request with `Authorization`, a
 * shared cache may store the response only if `Cache-Control` allows it (RFC 9111 section 3.5). But the browser's request has no
 * `Authorization`, so this rule does not apply to it.
 */
function privately(cacheControl: string): string {
  const directives = cacheControl.match(/[^\s,="]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s,"]*))?/g) ?? []
  const shared = /^(?:public|s-maxage|proxy-revalidate)\b/i
  const own = directives.filter((directive) => !shared.test(directive))
  const isPrivate = own.some((directive) => /^(?:private|no-store)$/i.test(directive))
  if (isPrivate && own.length === directives.length) return cacheControl
  return (isPrivate ? own : ['private', ...own]).join(', ')
}
