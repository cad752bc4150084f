import type { Config } from '../config/config.ts'
import type { RequestSource } from '../services/context.ts'
import type { RequestCookies } from './cookies.ts'

/** One request, and the data that was read from it. */
export type Exchange = {
  request: Request
  config: Config
  cookies: RequestCookies
  /** The token of the header `Authorization: Bearer`, if there is exactly one. */
  bearer: string | null
  source: RequestSource
  /** The parameters of the path, such as `id`. */
  parameters: Readonly<Record<string, string>>
}

/** Returns the token of an `Authorization: Bearer` header (RFC 6750 section 2.1), or null. */
export function bearerOf(headers: Headers): string | null {
  return headers.get('authorization')?.match(/^bearer +([^\s,]+)$/i)?.[1] ?? null
}
