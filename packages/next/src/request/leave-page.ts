import { escapeHtml } from '@sallyport/protocol/escape-html'

/**
 * Returns a small page that opens an address on another site, also without scripts. It is used instead of a redirect after a form, because
 * `form-action 'self'` in a Content-Security-Policy of the app would block the redirect.
 *
 * @param url The absolute https URL.
 */
export function leavePage(url: string): Response {
  const address = escapeHtml(url)
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="robots" content="noindex"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="0;url=${address}"><title>One moment</title><p><a href="${address}">Continue</a></p></html>`
  return new Response(html, {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'private, no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  })
}
