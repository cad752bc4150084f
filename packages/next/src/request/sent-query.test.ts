import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { sentQuery } from './sent-query.ts'

/** What `sentQuery` says of an address that a handler sees, while a request for `target` is answered. */
async function within(target: string, seen: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const server = createServer(async (_, response) => {
    // As in Next, some way after the request has come.
    await Promise.resolve()
    resolve(sentQuery(new URL(seen)))
    response.end()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void server.close())
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.end(`GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`)
  socket.resume()
  return promise
}

const page = 'http://localhost:3000/api/things'
afterEach(() => vi.unstubAllEnvs())

describe('forwards the query as it was sent', () => {
  it.each([
    ['/api/things?a=1&b=2&a=3', `${page}?a=1&a=3&b=2`, '?a=1&b=2&a=3'],
    ['/api/things?q=a%20b', `${page}?q=a+b`, '?q=a%20b'],
    ['/api/things?flag', `${page}?flag=`, '?flag'],
    [
      '/api/things?a=1&nxtPslug=x&nextInternalLocale=de&nxtIid=1',
      `${page}?a=1`,
      '?a=1&nxtPslug=x&nextInternalLocale=de&nxtIid=1',
    ],
    ['/api/things', page, ''],
    ['/api/things?', page, ''],
  ])('of %s, which a handler sees as %s', async (target, seen, query) => {
    expect(await within(target, seen)).toBe(query)
  })

  it('below a basePath, which a handler does not see', async () => {
    vi.stubEnv('__NEXT_ROUTER_BASEPATH', '/app')
    expect(await within('/app/api/things?q=a%20b', `${page}?q=a+b`)).toBe('?q=a%20b')
    expect(await within('/api/things?q=a%20b', `${page}?q=a+b`)).toBe('?q=a+b')
  })
})

describe('forwards the handler’s query if the sent one is not known for sure', () => {
  it.each([
    ['of another path', '/api/other?q=a%20b', `${page}?q=a+b`],
    ['of other values', '/api/things?q=a%20c', `${page}?q=a+b`],
    ['of other names', '/api/things?p=a%20b', `${page}?q=a+b`],
    ['with one more', '/api/things?q=a%20b&q=a%20b', `${page}?q=a+b`],
    ['with one less', '/api/things', `${page}?q=a+b`],
    ['with a name that only begins like one of Next', '/api/things?q=a%20b&nxtP=1', `${page}?q=a+b`],
    ['with a name that ends like one of Next', '/api/things?q=a%20b&xnxtPa=1', `${page}?q=a+b`],
    ['with a name longer than one of Next', '/api/things?q=a%20b&nextInternalLocale2=1', `${page}?q=a+b`],
    ['of a whole address', 'http://evil.example/api/things?q=a%20b', `${page}?q=a+b`],
    ['of another host', '//evil.example/api/things?q=a%20b', `${page}?q=a+b`],
    ['of no path', '*', `${page}?q=a+b`],
  ])('%s', async (_, target, seen) => {
    expect(await within(target, seen)).toBe('?q=a+b')
  })

  it('outside of any request', () => {
    expect(sentQuery(new URL(`${page}?q=a+b`))).toBe('?q=a+b')
  })
})
