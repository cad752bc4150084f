import { readCookie } from '@sallyport/protocol'
import { AuthError } from './auth-error.ts'

/**
 * The parts of a request from which the credential is read. A web-standard `Request`, Node's `IncomingMessage` and similar objects can be
 * passed. If `headers` is a plain object, its header names must be lower case, as in Node.
 */
export type AuthRequest = {
  /** The headers of the request: a `Headers` object, or those of Node. */
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>
  /** The method. The origin rule for cookies uses it. If it is missing, the request counts as one that changes state. */
  readonly method?: string | undefined
  /** Node's list of header names and values. Only this list contains a second `Authorization` header. */
  readonly rawHeaders?: readonly string[] | undefined
  /** The URL of the request. It says on which paths duplicate cookies must be cleared. */
  readonly url?: string | undefined
  /** The URL as the browser sent it, if a framework has shortened `url`. */
  readonly originalUrl?: string | undefined
}

/** A token and its source: the `Authorization` header or a cookie. Browsers send cookies automatically, but not this header. */
export type Credential = { token: string; source: 'header' | 'cookie' }

/**
 * Finds the access token of a request in `Authorization: Bearer` (RFC 6750 section 2.1) or in one of the named cookies. The scheme may be
 * in upper or lower case. The query and the body are not read. If there is more than one token, the request is refused, because another
 * layer of the API might read the other token. It is refused even if the tokens are equal. Other authorization schemes, such as a proxy's
 * `Basic`, are ignored.
 *
 * @throws AuthError `token_missing`, `token_invalid` or `credential_conflict`.
 */
export function findCredential(request: AuthRequest, cookieNames: readonly string[]): Credential {
  const fromHeader = readBearer(request)
  const cookies = cookieNames.length === 0 ? undefined : readHeader(request, 'cookie', '; ')
  let found: Credential | null = fromHeader === null ? null : { token: fromHeader, source: 'header' }
  for (const name of cookieNames) {
    if (!cookies?.includes(name)) continue
    for (const token of readCookie(cookies, name)) {
      if (found !== null) throw new AuthError('credential_conflict', 'more than one token')
      found = { token, source: 'cookie' }
    }
  }
  if (found === null) throw new AuthError('token_missing', 'no token')
  return found
}

function readBearer(request: AuthRequest): string | null {
  const value = readHeader(request, 'authorization', ', ')
  if (value === undefined) return null
  if (isRepeated(request.rawHeaders))
    throw new AuthError('credential_conflict', 'more than one Authorization header')
  // The usual form is handled here without regular expressions, for speed. Any other form is parsed below.
  if (value.startsWith('Bearer ') && !value.includes(' ', 7) && !value.includes(',') && !value.includes('\t'))
    return value.slice(7)
  if (/,\s*bearer(?:\s|$)/i.test(value))
    throw new AuthError('credential_conflict', 'more than one Authorization header')
  if (!/^bearer(?:\s|,|$)/i.test(value)) return null
  const [, token] = /^bearer +([^\s,]+)$/i.exec(value) ?? []
  if (token === undefined) throw new AuthError('token_invalid', 'a malformed Authorization header')
  return token
}

function isRepeated(rawHeaders: readonly string[] | undefined): boolean {
  if (rawHeaders === undefined) return false
  let times = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === 13 && name.toLowerCase() === 'authorization') times += 1
  }
  return times > 1
}

/** Returns a header of a request as text, or undefined if it is missing. If the header is repeated, the values are joined. */
export function readHeader({ headers }: AuthRequest, name: string, separator: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined
  // Do not use only `instanceof`, because `Headers` of another JavaScript context (such as `node:vm`) or of a library is another class.
  if (typeof headers.get === 'function')
    return (headers as unknown as { get(name: string): string | null }).get(name) ?? undefined
  const value = headers[name]
  return typeof value === 'string' ? value : value?.join(separator)
}
