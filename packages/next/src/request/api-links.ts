import type { ApiTarget } from '../config/api-target.ts'
import { browserPath } from '../paths/served-paths.ts'
import { isForwarded } from './api-address.ts'

/** Headers that contain URLs. The groups of each pattern match the text before a URL, the URL, and the text after it. */
const addressHeaders = [
  ['location', /^()(.*)()$/],
  ['content-location', /^()(.*)()$/],
  ['link', /(<)([^>]*)(>)/g],
  ['refresh', /^(\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?['"]?)(.*?)(['"]?\s*)$/i],
] as const

/** The URL that was requested at the API, and the values that decide how the URLs of its response are rewritten. */
export type Links = { requested: URL; api: ApiTarget; appUrl: URL; isNavigation: boolean }

/** Rewrites URLs of the API to paths below `/api`, where the browser can reach them. Other URLs stay unchanged. */
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
  // An absolute URL of the API may also have the scheme of X-Forwarded-Proto, because uvicorn and gunicorn use that scheme in their URLs.
  const isApi =
    url.host === api.url.host && (url.protocol === api.url.protocol || url.protocol === appUrl.protocol)
  if (isApi) return url.pathname.startsWith(`${base}/`) ? below(url.pathname.slice(base.length)) : url.href
  // If an API reads its host from X-Forwarded-Host, its URLs have the origin of the pages. So a URL with this origin is treated as a URL of
  // the API. In a navigation, it is treated as a page of the app.
  const path = url.pathname.startsWith(`${base}/`) ? url.pathname.slice(base.length) : ''
  return url.origin === appUrl.origin && !isNavigation && isForwarded(api, path) ? below(path) : address
}

/** Decodes a header as UTF-8. Node reads each byte of a header as one character. */
function utf8(header: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(header, 'latin1'))
  } catch {
    return header
  }
}
