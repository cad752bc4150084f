import { flightData, readPath } from './match-path.ts'

/** The parts of the config that say where an address names an organization. */
type Place = {
  organizations: 'path' | 'subdomain' | null
  appUrl: URL
  appOrigins: readonly string[] | null
}

/**
 * Returns the part of the address that names an organization, or null if this page belongs to none. It is any text that the browser has
 * sent, in small or capital letters.
 *
 * @param config The config at the host of the request.
 * @param pathname The path without `basePath`.
 */
export function addressedOrganization(config: Place, pathname: string): string | null {
  if (config.organizations === 'path') {
    // A rewrite of next.config may treat `/O` as `/o`.
    const [, first, organization] = (readPath(pathname) ?? '').replace(flightData, '').split('/')
    return first?.toLowerCase() === 'o' && organization !== undefined ? organization : null
  }
  const { organizations, appOrigins, appUrl } = config
  if (organizations === null || appOrigins === null) return null
  // A host that is listed itself is no organization. Only a pattern such as https://*.example.com stands for organizations.
  const [label = '', ...parent] = appUrl.host.split('.')
  const isOrganization =
    !appOrigins.includes(appUrl.origin) &&
    appOrigins.includes(`${appUrl.protocol}//${['*', ...parent].join('.')}`)
  return isOrganization ? label : null
}

/** Returns the same address at the organization's current slug: a path for `path`, and a whole URL for `subdomain`. */
export function addressAt(config: Place, slug: string, path: string): string {
  if (config.organizations === 'path') return path.replace(/\/o\/[^/?]+/i, `/o/${slug}`)
  const url = new URL(path, config.appUrl)
  url.hostname = url.hostname.replace(/^[^.]+/, slug)
  return url.href
}

/**
 * Returns the organization and the path of the API for a path below `/api`, or null if the path names no organization.
 *
 * @param path The path without `/api`, such as `/o/acme/invoices`.
 */
export function organizationOfApiPath(
  config: Place,
  path: string,
): { organization: string; path: string } | null {
  const [whole, organization, rest] = /^\/o\/([^/]+)(\/.*)$/.exec(path) ?? []
  if (config.organizations === 'path')
    return whole === undefined ? null : { organization: organization ?? '', path: rest ?? '' }
  const named = addressedOrganization(config, '')
  return named === null ? null : { organization: named, path }
}
