import { readCookie } from '@sallyport/protocol'
import { AuthError } from './auth-error.ts'

/**
 * A request as far as its credential goes: a web-standard `Request`, Node's `IncomingMessage`, or anything alike. Header
 * names of a plain object are lower case, as Node makes them.
 */
export type AuthRequest = {
  /** Of the request: a `Headers` object, or Node’s own. */
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>
  /** For the origin rule of credentials from cookies. Without it the request counts as one that changes state. */
  readonly method?: string | undefined
  /** Node's list of names and values: the only place where it keeps a second `Authorization` header. */
  readonly rawHeaders?: readonly string[] | undefined
  /** Where the request went, by which second cookies on a path are cleared. */
  readonly url?: string | undefined
  /** The same as the browser sees it, where a framework has shortened `url`. */
  readonly originalUrl?: string | undefined
}

/** Where a token came from: a cookie is sent by the browser unasked, a header is not. */
export type Credential = { token: string; source: 'header' | 'cookie' }

/**
 * Finds the one access token of a request: in `Authorization: Bearer` (RFC 6750 section 2.1, scheme in any case), or in
 * one of the named cookies. Never in the query or the body. More than one is refused, even if they are equal: which one
 * another layer would take cannot be known. Other authorization schemes, such as a proxy's `Basic`, are not ours.
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
  // The usual spelling, without a regular expression's walks over it. Any other takes the careful way.
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

/** One header of a request as text, repeated ones joined; undefined when it is not there. */
export function readHeader({ headers }: AuthRequest, name: string, separator: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined
  // A Headers of another realm or library is not an instance of ours.
  if (typeof headers.get === 'function')
    return (headers as unknown as { get(name: string): string | null }).get(name) ?? undefined
  const value = headers[name]
  return typeof value === 'string' ? value : value?.join(separator)
}
