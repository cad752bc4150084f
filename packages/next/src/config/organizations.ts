type Asked = {
  organizations?: unknown
  apiPaths?: readonly string[]
  apis?: Readonly<Record<string, { paths?: readonly string[] }>>
}

/**
 * Checks the option `organizations`.
 *
 * @throws TypeError if it is invalid, or does not fit the other options.
 */
export function organizationsOf(
  { organizations, apiPaths = [], apis = {} }: Asked,
  custom: object | null,
  appOrigins: readonly string[] | null,
): 'path' | 'subdomain' | null {
  if (organizations === undefined) return null
  if (organizations !== 'path' && organizations !== 'subdomain')
    throw new TypeError("`organizations` must be 'path' or 'subdomain'.")
  if (custom !== null)
    throw new TypeError(
      '`organizations` needs the auth server, which a `customIssuer` replaces. Leave one of them out.',
    )
  const paths = [...apiPaths, ...Object.values(apis).flatMap((api) => api.paths ?? [])]
  if (organizations === 'path' && paths.some((path) => /^\/o(?:\/|$)/i.test(path)))
    throw new TypeError(
      '`organizations` is path, so /api/o/… names an organization. No path of an API may be /o or below it.',
    )
  if (organizations === 'subdomain' && !appOrigins?.some((origin) => /^https?:\/\/\*\./.test(origin)))
    throw new TypeError(
      '`organizations` is subdomain, so `app` (APP_URL) must have a pattern for the hosts of organizations, such as https://*.example.com.',
    )
  return organizations
}
