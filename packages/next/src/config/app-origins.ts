import { faultOfOriginPattern, isOriginPattern } from '@sallyport/protocol/allowed-origins'
import { isLoopbackHost } from '@sallyport/protocol/loopback'
import { servedPaths } from '../paths/served-paths.ts'
import { originOf } from './option-values.ts'

/**
 * Returns the origins of the pages, from `app` or APP_URL. If there are several, the host of each request selects one of them.
 *
 * @throws TypeError for plain http (except on localhost), because cookies could be intercepted.
 * @throws TypeError for a pattern that the origins of other people could match.
 */
export function readAppOrigins(value: string | readonly string[] | undefined): {
  appUrl: URL
  appOrigins: readonly string[] | null
} {
  const entries = typeof value === 'string' ? value.split(',').map((entry) => entry.trim()) : (value ?? [''])
  const origins = entries.map(originOrPattern)
  const [first = originOrPattern(''), ...others] = origins
  const appUrl = new URL(first.replace('*', 'x'))
  for (const origin of others)
    if (new URL(origin.replace('*', 'x')).protocol !== appUrl.protocol)
      throw new TypeError(
        '`app` (APP_URL) lists https and plain http, which need different cookie names. Set a separate list for each environment.',
      )
  const isOne = others.length === 0 && !isOriginPattern(first)
  // With a basePath, `safeReturnTo` returns an absolute URL. It does not get the request, so it could not select one of several origins.
  if (!isOne && servedPaths().basePath !== '')
    throw new TypeError(
      '`app` (APP_URL) lists several origins, which cannot be combined with `basePath` of next.config. Set a separate APP_URL for each deployment.',
    )
  return { appUrl, appOrigins: isOne ? null : origins }
}

function originOrPattern(entry: string): string {
  if (typeof entry === 'string' && isOriginPattern(entry)) {
    const fault = faultOfOriginPattern(entry)
    if (fault !== null) throw new TypeError(`\`app\` (APP_URL) ${fault}.`)
    return entry
  }
  const { origin, protocol, hostname } = originOf('app', 'APP_URL', entry)
  if (protocol !== 'https:' && !isLoopbackHost(hostname))
    throw new TypeError(
      `APP_URL is ${origin}, but cookies sent over plain http can be intercepted. Use https, or http://localhost in development.`,
    )
  return origin
}
