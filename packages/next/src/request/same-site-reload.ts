import { createHash } from 'node:crypto'
import { readCookie } from '@sallyport/protocol'
import { escapeHtml } from '@sallyport/protocol/escape-html'

/**
 * Counts how often this browser was told to repeat the navigation to one address. The count is in a cookie that lasts ten seconds. The
 * cookie is not a secret. If a browser reports the repeated navigation as cross-site too, the count prevents an endless loop.
 */
export type RepeatCounter = { count: number; cookie(count: number, secure: boolean): string }

const prefix = 'sallyport-repeat-'
const counterSeconds = 10
/** The maximum number of repeats. It is more than one, because a user may open the same link in several tabs at the same time. */
const maxRepeats = 5

/**
 * @param address The path and query. Each address has its own counter, so several links that are opened together are counted separately.
 */
export function repeatCounter(address: string, cookieHeader: string | null): RepeatCounter {
  const name = () => prefix + createHash('sha256').update(address).digest('hex').slice(0, 12)
  const sent = cookieHeader?.includes(prefix) ? Number(readCookie(cookieHeader, name())[0] ?? 0) : 0
  return {
    count: Number.isInteger(sent) && sent >= 0 ? sent : maxRepeats,
    cookie: (count, secure) =>
      `${name()}=${count}; Path=/; Max-Age=${count === 0 ? 0 : counterSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
  }
}

/**
 * Returns whether this is a first hop: a document navigation that another site started, for example by a link, and that has not been
 * repeated too often. Browsers do not send `SameSite=Strict` cookies with it.
 */
export function isFirstHop(request: { method: string; headers: Headers; repeats: number }): boolean {
  const { method, headers, repeats } = request
  if (method !== 'GET' || repeats >= maxRepeats) return false
  const site = headers.get('sec-fetch-site')
  return (
    (site === 'cross-site' || site === 'same-site') &&
    headers.get('sec-fetch-mode') === 'navigate' &&
    headers.get('sec-fetch-dest') === 'document'
  )
}

// The script loads the URL of this page again. If this URL has a fragment, a browser would only scroll and not load the page. So the script
// first changes the URL of this page.
const script = `var a=location.href;history.replaceState(null,'',location.pathname+'?'+Date.now());location.replace(a)`
const scriptHash = createHash('sha256').update(script).digest('base64')

/**
 * Returns a small page that requests the same URL again. This request comes from our own origin, so the browser sends the cookies. The
 * script of the page preserves the fragment. If the browser runs no scripts, the fragment is lost, because browsers do not send it to the
 * server.
 *
 * @param url The absolute URL on our own origin, without fragment.
 */
export function sameSiteRepeat(url: string, counter: RepeatCounter, secure: boolean): Response {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="robots" content="noindex"><meta http-equiv="refresh" content="1;url=${escapeHtml(url)}"><title>One moment</title><script>${script}</script></html>`
  return new Response(html, {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'private, no-store',
      'content-security-policy': `default-src 'none'; script-src 'sha256-${scriptHash}'; frame-ancestors 'none'; base-uri 'none'`,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'set-cookie': counter.cookie(counter.count + 1, secure),
    },
  })
}
