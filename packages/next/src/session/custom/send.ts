import type { BackendAnswer, Send, SendOptions } from '../../config/custom-issuer.ts'
import type { BrowserDetails } from '../auth-server-client.ts'
import { boundedJson } from '../bounded-json.ts'

/** This error is thrown if the backend did not answer, or did not answer in time. */
export class BackendUnreachable extends Error {
  override readonly name = 'BackendUnreachable'
}

/** The maximum size of an answer, in bytes. An answer is about one user only. */
const answerLimitBytes = 256 * 1024

/** Returns a function that sends requests to the backend. Every network failure throws {@link BackendUnreachable}. */
export function createSend(url: URL, timeoutMs: number, browser: BrowserDetails): Send {
  return async (method, path, body, options = {}) => {
    const target = new URL(path, url)
    if (!path.startsWith('/') || target.origin !== url.origin)
      throw new TypeError(
        `send: ${JSON.stringify(path)} is not a path on ${url.origin}. Start it with one slash.`,
      )
    let response: Response
    try {
      response = await fetch(target, {
        method,
        headers: headersOf(body, options, browser),
        body: body === undefined ? null : body instanceof URLSearchParams ? body : JSON.stringify(body),
        cache: 'no-store',
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      })
      return {
        status: response.status,
        ok: response.ok,
        headers: response.headers,
        cookies: cookiesOf(response.headers),
        body: asObject(await boundedJson(response, answerLimitBytes)),
      }
    } catch (cause) {
      throw new BackendUnreachable(`${method} ${target.pathname} was not answered`, { cause })
    }
  }
}

function headersOf(body: object | undefined, options: SendOptions, browser: BrowserDetails): Headers {
  const headers = new Headers({ accept: 'application/json' })
  if (body !== undefined)
    headers.set(
      'content-type',
      body instanceof URLSearchParams ? 'application/x-www-form-urlencoded' : 'application/json',
    )
  if (browser.address) headers.set('x-forwarded-for', browser.address)
  if (browser.userAgent) headers.set('user-agent', browser.userAgent)
  if (browser.requestId) headers.set('x-request-id', browser.requestId)
  if (options.accessToken) headers.set('authorization', `Bearer ${options.accessToken}`)
  const pairs = Object.entries(options.cookies ?? {}).map(([name, value]) => `${name}=${value}`)
  if (pairs.length > 0) headers.set('cookie', pairs.join('; '))
  for (const [name, value] of Object.entries(options.headers ?? {})) headers.set(name, value)
  return headers
}

/** Returns name and value of each `Set-Cookie`. Attributes are ignored. */
function cookiesOf(headers: Headers): BackendAnswer['cookies'] {
  const pairs = headers.getSetCookie().map((line) => {
    const pair = line.split(';', 1)[0] ?? ''
    const end = pair.indexOf('=')
    // If a value contains `=` or `/`, Python and some Java servers put quotes around it. The quotes are not part of the value.
    const value = pair
      .slice(end + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1')
    return [pair.slice(0, Math.max(end, 0)).trim(), value] as const
  })
  return Object.fromEntries(pairs.filter(([name]) => name !== ''))
}

function asObject(json: unknown): BackendAnswer['body'] {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? { ...json } : {}
}
