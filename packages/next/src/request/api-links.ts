import type { ApiTarget } from '../config/api-target.ts'
import { browserPath } from '../paths/served-paths.ts'
import { isForwarded } from './api-address.ts'

/** Headers that name addresses, each with what stands before an address and after it. */
const addressHeaders = [
  ['location', /^()(.*)()$/],
  ['content-location', /^()(.*)()$/],
  ['link', /(<)([^>]*)(>)/g],
  ['refresh', /^(\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?['"]?)(.*?)(['"]?\s*)$/i],
] as const

/** What an answer's addresses are read by: what was asked for at the API, and where the browser sees it. */
export type Links = { requested: URL; api: ApiTarget; appUrl: URL; isNavigation: boolean }

/** Puts addresses of the API below `/api`, where the browser finds them. Any other stays as it is. */
export function rewriteLinks(headers: Headers, links: Links): void {
  for (const [name, addresses] of addressHeaders) {
    const value = headers.get(name)
    const rewritten = value?.replace(
      addresses,
      (_, before: string, address: string, after: string) => before + forBrowser(address, links) + after,
    )
    if (rewritten) headers.set(name, rewritten)
  }
}

function forBrowser(address: string, { requested, api, appUrl, isNavigation }: Links): string {
  const text = utf8(address)
  if (!URL.canParse(text, requested)) return address
  const url = new URL(text, requested)
  const base = api.url.pathname.replace(/\/$/, '')
  const below = (path: string) => browserPath(`/api${path}${url.search}${url.hash}`)
  // By the scheme of X-Forwarded-Proto too, in which uvicorn and gunicorn write their own addresses.
  const isApi =
    url.host === api.url.host && (url.protocol === api.url.protocol || url.protocol === appUrl.protocol)
  if (isApi) return url.pathname.startsWith(`${base}/`) ? below(url.pathname.slice(base.length)) : url.href
  // An API that takes its own name from X-Forwarded-Host means itself. A browser that changes pages is led to the page of that name.
  const path = url.pathname.startsWith(`${base}/`) ? url.pathname.slice(base.length) : ''
  return url.origin === appUrl.origin && !isNavigation && isForwarded(api, path) ? below(path) : address
}

/** Node reads each byte of a header as a character. */
function utf8(header: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(header, 'latin1'))
  } catch {
    return header
  }
}
