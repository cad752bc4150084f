import { afterEach, describe, expect, it, vi } from 'vitest'
import { readConfig } from '../config/config.ts'
import { customIssuer } from '../config/custom-issuer.ts'
import { testCredentials } from '../testing/credentials.ts'
import { optionsFor } from '../testing/custom-pages.ts'
import { runtimeFor } from './runtime.ts'

const ours = { audience: 'web', app: 'http://localhost:3000' }
afterEach(() => vi.restoreAllMocks())

describe('the connection to one auth server', () => {
  const of = (options: object) =>
    runtimeFor(readConfig({ ...ours, server: 'http://localhost:4101', ...testCredentials, ...options }, {}))

  it('is shared by configurations that differ only in what the pages do', () => {
    const [proxy, pages] = [of({}), of({ loginPath: '/anmelden', apiPaths: [] })]
    expect(pages.config.loginPath).toBe('/anmelden')
    for (const part of ['authServer', 'verifier', 'refresh'] as const) expect(pages[part]).toBe(proxy[part])
    expect(proxy.asksForRenewal('token_stale')).toBe(true)
    expect(proxy.asksForRenewal('forbidden')).toBe(false)
  })

  it('is shared by a proxy without a definition of roles and pages with one', () => {
    const access = { permissions: ['report:read'], roles: { owner: ['report:read'] } }
    const [proxy, pages] = [of({}), of({ access })]
    for (const part of ['authServer', 'refresh'] as const) expect(pages[part]).toBe(proxy[part])
    expect(pages.verifier).toMatchObject({ access })
    expect(proxy.verifier).not.toHaveProperty('access')
  })

  it.each([
    { server: 'http://localhost:4102' },
    { issuer: 'https://auth.example.com' },
    { audience: 'another' },
    { app: 'http://localhost:3001' },
    { serverTimeoutSeconds: 3 },
    { clockToleranceSeconds: 1 },
    { frontendSecret: 'frontend-7QmXc2LdVt5ZbRw9KpHs3NyG' },
    { verifierSecret: 'verifier-3KzPd8WjYf6TnBq1XsMv5RhL' },
  ])('is separate for %j', (options) => {
    const one = of({})
    const other = of(options)
    for (const part of ['authServer', 'verifier', 'refresh'] as const) expect(other[part]).not.toBe(one[part])
  })
})

describe('the cache for tokens of a custom backend', () => {
  const of = (url: string, app = ours.app) =>
    runtimeFor(readConfig({ issuer: customIssuer({ ...optionsFor(url), refresh }), app }, {}))
  const refresh = () => Promise.reject(new Error('not asked'))

  it('is shared by configurations of the same pages and backend only', () => {
    const [proxy, pages] = [of('http://localhost:8101'), of('http://localhost:8101')]
    expect(pages.verifier).not.toBe(proxy.verifier)
    proxy.outdate?.('opaque')
    const isOutdated = ({ verifier }: { verifier: object }) =>
      (verifier as { isOutdated(token: string): boolean }).isOutdated('opaque')
    expect([proxy, pages].map(isOutdated)).toEqual([true, true])
    const others = [of('http://localhost:8102'), of('http://localhost:8101', 'http://localhost:3001')]
    expect(others.map(isOutdated)).toEqual([false, false])
  })
})

describe('missing credentials in development', () => {
  it.each([
    [{}, 'SALLYPORT_FRONTEND_SECRET and SALLYPORT_VERIFIER_SECRET not set'],
    [{ frontendSecret: testCredentials.frontendSecret }, ': SALLYPORT_VERIFIER_SECRET not set'],
    [{ verifierSecret: testCredentials.verifierSecret }, ': SALLYPORT_FRONTEND_SECRET not set'],
    [testCredentials, null],
  ])('%o: cause one warning', (credentials, told) => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    // A server of its own: what is shared is made once.
    const server = `http://localhost:${4200 + Object.keys(credentials).length * 10 + (told?.length ?? 0)}`
    const start = () => runtimeFor(readConfig({ ...ours, server, ...credentials }, {}))
    start()
    start()
    expect(warn.mock.calls.flat()).toEqual(told === null ? [] : [expect.stringContaining(told)])
  })
})
