import { createHash, timingSafeEqual } from 'node:crypto'
import { headers as headerNames } from '@sallyport/protocol'
import type { Config } from '../config/config.ts'
import type { Device } from '../flows/context.ts'

/**
 * Who is asking (DESIGN section 7): our front end's word if it proves itself, else a configured number of proxy hops, else
 * the socket. Nobody else is believed (X04).
 */
export function deviceOf(request: Request, socketAddress: string | null, config: Config): Device {
  const { headers } = request
  const credential = headers.get(headerNames.frontendCredential)
  if (credential !== null && isOneOf(credential, config.frontendSecrets)) {
    return {
      address: addressOrNull(headers.get(headerNames.clientAddress)),
      userAgent: clipped(headers.get(headerNames.clientUserAgent)),
    }
  }
  const hop =
    config.trustedProxyHops === 0
      ? null
      : headers.get('x-forwarded-for')?.split(',').at(-config.trustedProxyHops)
  return {
    address: addressOrNull(hop?.trim() ?? null) ?? socketAddress,
    userAgent: clipped(headers.get('user-agent')),
  }
}

/** Compares with every secret, each in constant time. */
export function isOneOf(given: string, secrets: readonly string[]): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const wanted = digest(given)
  return secrets.reduce((found, secret) => timingSafeEqual(digest(secret), wanted) || found, false)
}

function addressOrNull(text: string | null): string | null {
  return text !== null && text.length <= 45 && /^[\da-fA-F.:]+$/.test(text) ? text : null
}

function clipped(text: string | null): string | null {
  return text === null ? null : text.slice(0, 512)
}
