import { paths } from '@sallyport/protocol/endpoints'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { rewriteLinks } from '../request/api-links.ts'
import { startAuthServer } from '../testing/auth-server.ts'
import { openPage } from '../testing/open-page.ts'

afterEach(() => vi.unstubAllEnvs())

const here = () => {
  const { server, runtime } = startAuthServer({ api: 'http://localhost:4100/v1', apiPaths: ['/things'] })
  const cookies = { accessToken: server.accessToken(), refreshToken: 'refresh-0' }
  return { server, page: openPage(runtime, cookies), config: runtime.config }
}

describe.each([
  ['trailingSlash', { __NEXT_TRAILING_SLASH: 'true' }],
  ['skipTrailingSlashRedirect', { __NEXT_MANUAL_TRAILING_SLASH: 'true' }],
  ['both', { __NEXT_TRAILING_SLASH: 'true', __NEXT_MANUAL_TRAILING_SLASH: 'true' }],
])('our routes respond with and without a final slash: %s', (_, env) => {
  beforeEach(() => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  })

  it.each(['', '/'])('with %j at the end', async (slash) => {
    const { page, server } = here()
    expect(await page.ask('GET', `${paths.readSession}${slash}`)).toMatchObject({
      status: 200,
      body: { principal: { userId: 'u-1' } },
    })
    expect(await page.ask('GET', `${paths.listSessions}${slash}`)).toMatchObject({ status: 200 })
    expect(await page.ask('DELETE', `${paths.listSessions}/s-phone${slash}`)).toMatchObject({ status: 204 })
    expect(server.owners.has('s-phone')).toBe(false)
    expect(await page.ask('POST', `${paths.refresh}${slash}`)).toMatchObject({ status: 200 })
    expect(await page.ask('POST', `${paths.signOut}${slash}`, { body: '{}' })).toMatchObject({ status: 204 })
  })
})

it('DELETE sessions/ without an id ends no session', async () => {
  for (const manual of ['', 'true']) {
    vi.stubEnv('__NEXT_MANUAL_TRAILING_SLASH', manual)
    const { page, server } = here()
    expect(await page.ask('DELETE', `${paths.listSessions}/`)).toMatchObject({ status: 404 })
    expect(server.owners.size).toBe(3)
  }
})

it('all our responses have nosniff, even errors and empty ones [ASVS 3.4.4]', async () => {
  const foreign = { origin: 'https://evil.example' }
  for (const [method, path, init, status] of [
    ['GET', paths.readSession, {}, 200],
    ['POST', paths.refresh, {}, 200],
    ['POST', paths.refresh, { headers: foreign }, 403],
    ['GET', paths.refresh, {}, 405],
    ['GET', '/api/nothing', {}, 404],
    ['DELETE', `${paths.listSessions}/s-phone`, {}, 204],
    ['DELETE', `${paths.listSessions}/s-none`, {}, 404],
    ['POST', paths.signOut, { body: '{}' }, 204],
  ] as const) {
    const answered = await here().page.ask(method, path, init)
    expect([method, path, answered.status]).toEqual([method, path, status])
    expect(answered.headers.get('x-content-type-options'), `${method} ${path}`).toBe('nosniff')
  }
})

describe('URLs in responses of the API', () => {
  const rewritten = (location: string) => {
    const { config } = here()
    const { api, appUrl } = config
    if (api === null) throw new Error('There is an API.')
    const headers = new Headers({ location })
    rewriteLinks(headers, {
      requested: new URL('http://localhost:4100/v1/things'),
      api,
      appUrl,
      isNavigation: false,
    })
    return headers.get('location')
  }

  it('have basePath before /api', () => {
    vi.stubEnv('__NEXT_ROUTER_BASEPATH', '/app')
    expect(rewritten('/v1/things/7?a=1#b')).toBe('/app/api/things/7?a=1#b')
    expect(rewritten('http://localhost:4100/v1/things/7')).toBe('/app/api/things/7')
    expect(rewritten('https://elsewhere.example/v1/things/7')).toBe('https://elsewhere.example/v1/things/7')
    vi.stubEnv('__NEXT_TRAILING_SLASH', 'true')
    expect(rewritten('/v1/things/7?a=1')).toBe('/app/api/things/7/?a=1')
    expect(rewritten('/v1/things/7.pdf')).toBe('/app/api/things/7.pdf')
  })
})

it('clears a duplicate cookie on paths below basePath', async () => {
  vi.stubEnv('__NEXT_ROUTER_BASEPATH', '/app')
  const { page } = here()
  const answer = await page.request('GET', paths.readSession, {
    headers: { cookie: 'accessToken=one; accessToken=two' },
  })
  const cleared = answer.headers.getSetCookie().map((line) => /Path=([^;]*)/.exec(line)?.[1])
  expect(cleared).toContain('/app/api')
  expect(cleared).toContain('/app')
})
