import { describe, expect, it } from 'vitest'
import { authProxy } from '../proxy/auth-proxy.ts'
import { createAuth } from '../server.ts'
import { readConfig } from './config.ts'

describe('refuses a misspelt option', () => {
  it.each([
    [
      'createAuth',
      { apiPath: ['/invoices'] },
      /createAuth has no option `apiPath`\. Did you mean apiPaths\? The options are/,
    ],
    ['createAuth', { trustedProxyHop: 1 }, /createAuth has no option `trustedProxyHop`/],
    ['createAuth', { publicPaths: ['/'] }, /createAuth has no option `publicPaths`/],
    ['authProxy', { publicPath: ['/'] }, /authProxy has no option `publicPath`/],
    ['createAuth', { apiPaths: '/invoices' }, /`apiPaths` must be a list of paths/],
    ['createAuth', { apiPaths: [undefined] }, /`apiPaths` must be a list of paths/],
    ['createAuth', { apis: { a: { paths: '/a' } } }, /`apis.a.paths` must be a list of paths/],
    ['authProxy', { publicPaths: '/' }, /`publicPaths` must be a list of paths/],
    ['authProxy', { publicPaths: ['login'] }, /`publicPaths` must be a list of paths/],
  ])('in %s called with %j', (name, options, message) => {
    const start = () => (name === 'createAuth' ? createAuth(options as object) : authProxy(options as object))
    expect(start).toThrow(TypeError)
    expect(start).toThrow(message)
  })

  it('in the time-outs, at the first request', () => {
    const env = {
      SALLYPORT_URL: 'http://localhost:4000',
      SALLYPORT_AUDIENCE: 'web',
      APP_URL: 'http://localhost:3000',
    }
    const start = () => readConfig({ apiTimeouts: { answerSecond: 5 } as object }, env)
    expect(start).toThrow(/`apiTimeouts` has no option `answerSecond`/)
  })
})
