export function originOf(option: string, variable: string, value: string | undefined): URL {
  const url = baseOf(option, variable, value)
  if (url.pathname !== '/')
    throw new TypeError(
      `\`${option}\` (${variable}) must be an origin without a path, not ${url.href} (leave Next's basePath out, because it is added automatically)`,
    )
  return url
}

export function baseOf(option: string, variable: string, value: string | undefined): URL {
  if (!value)
    throw new TypeError(
      `\`${option}\` is not set. Pass it, or set ${variable}, such as ${variable}=http://localhost:4000.`,
    )
  const url = URL.canParse(value) ? new URL(value) : null
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.username ||
    url.password ||
    url.search ||
    url.hash
  ) {
    throw new TypeError(
      `\`${option}\` (${variable}) must be an http or https address without user, query and fragment, such as ${variable}=http://localhost:4000.`,
    )
  }
  return url
}

/** Refuses a cookie domain that is not a parent of all origins. Browsers would ignore cookies with such a domain, without a message. */
export function domainAbove(origins: readonly string[], domain: string | undefined): string | undefined {
  if (!domain) return undefined
  if (!/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*$/.test(domain))
    throw new TypeError(
      `\`cookieDomain\` (SALLYPORT_COOKIE_DOMAIN) is ${JSON.stringify(domain)}. Give a domain such as example.com.`,
    )
  for (const origin of origins) {
    const { hostname, protocol } = new URL(origin.replace('*', 'x'))
    if (protocol !== 'https:' || !`.${hostname}`.endsWith(`.${domain}`))
      throw new TypeError(
        `\`cookieDomain\` (SALLYPORT_COOKIE_DOMAIN) is ${domain}, and APP_URL is not an https address below it, so browsers would ignore the cookies.`,
      )
  }
  return domain
}

export function checkedPath(path: string): string {
  if (!/^\/[\w./-]*$/.test(path) || path.includes('//') || path.includes('..')) {
    throw new TypeError(
      `${JSON.stringify(path)} is not a valid path. Start it with one slash, and use only letters, digits, dots, dashes, underscores and single slashes.`,
    )
  }
  return path
}

export function bounded(option: string, value: number, least: number, most: number): number {
  // A string such as '5' would pass the comparison, but `+` would later concatenate it instead of adding it.
  if (typeof value !== 'number' || !(value >= least && value <= most))
    throw new TypeError(`\`${option}\` is ${value}; give a number from ${least} to ${most}.`)
  return value
}
