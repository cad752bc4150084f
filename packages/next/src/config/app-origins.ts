import { faultOfOriginPattern, isOriginPattern } from '@sallyport/protocol/allowed-origins'
import { isLoopbackHost } from '@sallyport/protocol/loopback'
import { servedPaths } from '../paths/served-paths.ts'
import { originOf } from './option-values.ts'

/**
 * The origins of the pages, from `app` or APP_URL: one, or several of which a request's host chooses.
 *
 * @throws TypeError for one over which cookies could be read on the way, and for a pattern that strangers could match.
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
        '`app` (APP_URL) lists https and plain http: cookies are named differently there. Give each environment its own list.',
      )
  const isOne = others.length === 0 && !isOriginPattern(first)
  // `safeReturnTo` gives whole addresses below a basePath, and is told of no request.
  if (!isOne && servedPaths().basePath !== '')
    throw new TypeError(
      '`app` (APP_URL) lists several origins, which does not go together with `basePath` of next.config. Give each deployment its own APP_URL.',
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
      `APP_URL is ${origin}, but cookies over plain http can be read on the way. Use https, or http://localhost while developing.`,
    )
  return origin
}
