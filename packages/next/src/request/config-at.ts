import { allowedOriginOfHost } from '@sallyport/protocol/allowed-origins'
import type { Config } from '../config/config.ts'

/**
 * The configuration with the origin that this request came to. Where several are configured its host chooses among them: `Host`, or, if
 * that is none of them and proxies are trusted, `X-Forwarded-Host`.
 *
 * @returns null for a host that is none of them: no cookie, no redirect and no `Origin` is right there.
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
