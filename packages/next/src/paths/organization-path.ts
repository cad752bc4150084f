import { flightData, readPath } from './match-path.ts'
import { browserPath } from './served-paths.ts'

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
    const organization = partAfterO(pathname)
    // Next looks up static pages by the decoded path. If an encoded slash changes the organization, the path names none that exists.
    const decoded = /%2f/i.test(pathname) ? partAfterO(pathname.replace(/%2f/gi, '/')) : organization
    return decoded === organization ? organization : '%2F'
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

function partAfterO(pathname: string): string | null {
  const [, first, part] = (readPath(pathname) ?? '').replace(flightData, '').split('/')
  // A rewrite of next.config may treat `/O` as `/o`.
  return first?.toLowerCase() === 'o' && part !== undefined ? part : null
}

/**
 * Returns the address of the same page at the organization's current slug.
 *
 * @param pathname The path without `basePath`. It names the organization by a former slug.
 */
export function addressAt(
  config: Place,
  slug: string,
  { pathname, search }: { pathname: string; search: string },
): URL {
  if (config.organizations === 'path') {
    const path = ['', 'o', slug, ...pathname.split('/').slice(3)].join('/')
    return new URL(browserPath(path) + search, config.appUrl)
  }
  const url = new URL(browserPath(pathname) + search, config.appUrl)
  url.hostname = url.hostname.replace(/^[^.]+/, slug)
  return url
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
