import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { browserPath } from '../paths/served-paths.ts'

const registryKey = Symbol.for('sallyport.next.sent-addresses')

/**
 * Returns the store that has, for each request, the path and query that the browser sent. They are needed because Next changes the query
 * before a handler sees it: parameters with the same name are moved next to each other, `%20` becomes `+`, and `flag` becomes `flag=`. Next
 * bundles this file more than once, so the store is on `globalThis`, and there is only one in the process.
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

/**
 * Returns the query of a request as the browser sent it. If this query is unknown, or has other parameters than the query that the handler
 * gets, returns the query that the handler gets.
 */
export function sentQuery({ pathname, search, searchParams }: URL): string {
  const address = addresses.getStore()
  const sent =
    address?.startsWith('/') && URL.canParse(`http://a${address}`) ? new URL(`http://a${address}`) : null
  if (sent === null || sent.pathname !== browserPath(pathname)) return search
  return sameParameters(sent.searchParams, searchParams) ? sent.search : search
}

/** Matches names of parameters that Next reserves for itself and removes from queries. */
const ofNext = /^(?:nxt[PI].|nextInternalLocale$)/

function sameParameters(sent: URLSearchParams, seen: URLSearchParams): boolean {
  const sorted = (params: URLSearchParams) =>
    [...params]
      .filter(([name]) => !ofNext.test(name))
      .map((pair) => JSON.stringify(pair))
      .sort()
  return JSON.stringify(sorted(sent)) === JSON.stringify(sorted(seen))
}
