import { isAllowedOrigin, isOriginPattern } from '@sallyport/protocol/allowed-origins'

type PageSettings = {
  issuer: string
  origins: readonly string[]
  appUrl?: string | undefined
  cookieDomain?: string | undefined
  passkeyDomain?: string | undefined
}

/**
 * Returns the domain to which passkeys belong (the RP ID of Web Authentication), or why there is none. A browser uses a passkey only on pages
 * whose host is this domain or below it. `reason` is the rest of a sentence.
 */
export function passkeyDomainOf(config: PageSettings): { domain: string } | { reason: string } {
  const { cookieDomain, passkeyDomain } = config
  const hosts = pagesOf(config)
    .filter((page) => !isOriginPattern(page))
    .map(hostOf)
  const [first] = hosts
  if (first === undefined && passkeyDomain === undefined)
    return { reason: 'because SALLYPORT_ORIGINS has only patterns. Set SALLYPORT_PASSKEY_DOMAIN' }
  const address = hosts.find(isAddress)
  if (address !== undefined)
    return {
      reason: `because pages are at ${address}, and browsers allow passkeys only on domains. On your own computer, use localhost`,
    }
  const domain =
    passkeyDomain ?? cookieDomain ?? hosts.find((host) => hosts.every((other) => isWithin(other, host)))
  if (domain === undefined)
    return {
      reason: `because the pages are on several hosts (${hosts.join(', ')}). Set SALLYPORT_PASSKEY_DOMAIN to the domain that they share`,
    }
  const outside = hosts.find((host) => !isWithin(host, domain))
  if (outside !== undefined)
    return { reason: `because pages are at ${outside}, which is not below ${domain}` }
  return { domain }
}

/** Returns whether a page with this origin may use passkeys of the domain. */
export function isPasskeyOrigin(config: PageSettings, domain: string, origin: string): boolean {
  return isAllowedOrigin(pagesOf(config), origin) && isWithin(hostOf(origin), domain)
}

/** The origins of the pages. Without any setting, the pages are at the address of the server. */
function pagesOf({ issuer, origins, appUrl }: PageSettings): string[] {
  const pages = [...new Set([...(appUrl === undefined ? [] : [new URL(appUrl).origin]), ...origins])]
  return pages.length > 0 ? pages : [issuer]
}

function hostOf(origin: string): string {
  return new URL(origin.replace('*', 'x')).hostname
}

function isWithin(host: string, domain: string): boolean {
  return `.${host}`.endsWith(`.${domain}`)
}

function isAddress(host: string): boolean {
  return host.startsWith('[') || /^[\d.]+$/.test(host)
}
