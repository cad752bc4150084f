import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { browserPath } from '../paths/served-paths.ts'

const registryKey = Symbol.for('sallyport.next.sent-addresses')

/**
 * The address of each request as it arrived. Next writes the query anew before a handler sees it: names that come twice move together, `%20`
 * becomes `+` and `flag` becomes `flag=`. One for the process: Next bundles this file more than once.
 */
function sentAddresses(): AsyncLocalStorage<string> {
  const holder = globalThis as { [registryKey]?: AsyncLocalStorage<string> }
  if (holder[registryKey] === undefined) {
    const storage = new AsyncLocalStorage<string>()
    subscribe('http.server.request.start', (message) => {
      storage.enterWith((message as { request: IncomingMessage }).request.url ?? '')
    })
    holder[registryKey] = storage
  }
  return holder[registryKey]
}

const addresses = sentAddresses()

/** Returns the query of a request as it was sent, if that is known for this query; else as the handler sees it. */
export function sentQuery({ pathname, search, searchParams }: URL): string {
  const address = addresses.getStore()
  const sent =
    address?.startsWith('/') && URL.canParse(`http://a${address}`) ? new URL(`http://a${address}`) : null
  if (sent === null || sent.pathname !== browserPath(pathname)) return search
  return sameParameters(sent.searchParams, searchParams) ? sent.search : search
}

/** Names that Next reserves and removes from queries. */
const ofNext = /^(?:nxt[PI].|nextInternalLocale$)/

function sameParameters(sent: URLSearchParams, seen: URLSearchParams): boolean {
  const sorted = (params: URLSearchParams) =>
    [...params]
      .filter(([name]) => !ofNext.test(name))
      .map((pair) => JSON.stringify(pair))
      .sort()
  return JSON.stringify(sorted(sent)) === JSON.stringify(sorted(seen))
}
