import { createHash } from 'node:crypto'
import { type ErrorCode, errorTable, problemResponse } from '@sallyport/protocol'
import type { NextRequest } from 'next/server.js'

/**
 * The status of a refusal. 403: the user is not allowed to see the page. 404: the same, but the page is hidden. 401: nobody is signed in,
 * and a redirect is not possible. 503: outage.
 */
export type RefusalStatus = 401 | 403 | 404 | 503

/** Returns the page that a user sees instead of the requested page. */
export type RefusedPage = (request: NextRequest, status: 403 | 404) => Response | Promise<Response>

const codes = {
  401: 'token_missing',
  403: 'forbidden',
  404: 'not_found',
  503: 'unavailable',
} as const satisfies Record<RefusalStatus, ErrorCode>

const words = {
  401: ['Sign in first', 'This page is only for signed-in users.'],
  403: ['Not allowed', 'You are signed in, but not allowed to see this page.'],
  404: ['Not found', errorTable.not_found.title],
  503: ['Try again shortly', errorTable.unavailable.title],
} as const satisfies Record<RefusalStatus, readonly [string, string]>

const style =
  ':root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}body{margin:0;min-height:100vh;display:grid;place-content:center;text-align:center;padding:1rem}a{color:inherit}'
const styleHash = createHash('sha256').update(style).digest('base64')

/**
 * Returns the response for a refused request, with its real status, before anything is rendered. A browser gets a page. Scripts and flight
 * requests (of Next's router) get a problem (RFC 9457). After a refused flight request, Next's router requests the page as a document.
 *
 * @param home The target of the only link on the page.
 */
export async function refusal(
  request: NextRequest,
  status: RefusalStatus,
  home: string,
  refusedPage?: RefusedPage,
  code: ErrorCode = codes[status],
): Promise<Response> {
  const headers = status === 503 ? { 'retry-after': '2' } : undefined
  const { method, headers: sent } = request
  if (!sent.get('accept')?.includes('text/html') || sent.has('rsc') || sent.has('next-action'))
    return problemResponse(code, {}, headers)
  if (refusedPage !== undefined && (status === 403 || status === 404)) {
    const page = await refusedPage(request, status)
    const own = new Headers(page.headers)
    own.set('cache-control', 'private, no-store')
    return new Response(page.body, { status, headers: own })
  }
  return new Response(method === 'HEAD' ? null : htmlOf(status, home), {
    status,
    headers: {
      ...headers,
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'private, no-store',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; frame-ancestors 'none'; base-uri 'none'`,
      'x-content-type-options': 'nosniff',
    },
  })
}

function htmlOf(status: RefusalStatus, home: string): string {
  const [title, sentence] = words[status]
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><title>${title}</title><style>${style}</style></head><body><main><h1>${title}</h1><p>${sentence}</p><p><a href="${home}">Go to the start page</a></p></main></body></html>`
}
