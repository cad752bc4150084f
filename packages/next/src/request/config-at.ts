import { allowedOriginOfHost } from '@sallyport/protocol/allowed-origins'
import type { Config } from '../config/config.ts'

/**
 * Returns the config with the origin for this request. If several origins are configured, `Host` selects one of them. If `Host` matches
 * none, and proxies are trusted, `X-Forwarded-Host` selects one.
 *
 * @returns null if no origin matches. Such a request must be refused.
 */
export function configAt<C extends Pick<Config, 'appUrl' | 'appOrigins' | 'trustedProxyHops'>>(
  config: C,
  headers: Headers,
): C | null {
  const { appOrigins, trustedProxyHops } = config
  if (appOrigins === null) return config
  const origin =
    allowedOriginOfHost(appOrigins, headers.get('host')) ??
    (trustedProxyHops > 0 ? allowedOriginOfHost(appOrigins, headers.get('x-forwarded-host')) : null)
  return origin === null ? null : { ...config, appUrl: new URL(origin) }
}
