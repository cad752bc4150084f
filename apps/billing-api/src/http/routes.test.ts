import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApi, type TestApi } from '../testing/api.ts'
import { callers } from '../testing/issuer.ts'

let api: TestApi
let invoiceId = ''
let customerId = ''
beforeAll(async () => {
  api = await startApi()
  const open = await api.ask(callers.member, '/invoices?status=open&pageSize=1')
  const [invoice] = ((await open.json()) as { items: { id: string; customer: { id: string } }[] }).items
  invoiceId = invoice?.id ?? ''
  customerId = invoice?.customer.id ?? ''
})
afterAll(() => api.close())

type Who = 'anonymous' | 'bad token' | keyof typeof callers
type Expected = Record<Who, number>

const open: Expected = {
  anonymous: 200,
  'bad token': 200,
  stranger: 200,
  member: 200,
  finance: 200,
  owner: 200,
}
const permitted: Expected = { ...open, anonymous: 401, 'bad token': 401, stranger: 403 }
const reports: Expected = { ...permitted, member: 403 }
const created: Expected = { ...permitted, member: 201, finance: 201, owner: 201 }

/** Every route, with the status for each kind of caller. The first test below fails if a route is missing. */
const matrix: Record<string, Expected> = {
  'GET /healthz': open,
  'GET /readyz': open,
  'GET /invoices': permitted,
  'POST /invoices': created,
  'GET /invoices.csv': permitted,
  'GET /invoices/:id': permitted,
  'POST /invoices/:id/void': permitted,
  'GET /customers': permitted,
  'GET /customers/:id': permitted,
  'GET /plans': permitted,
  'GET /summary': permitted,
  'GET /reports/revenue': reports,
  'GET /reports/revenue.csv': reports,
}

type Layer = {
  route?: { path: string; stack: { method?: string }[] }
  handle: { stack?: Layer[] }
}
function routesOf(layers: readonly Layer[]): string[] {
  return layers.flatMap(({ route, handle }) => {
    if (!route) return routesOf(handle.stack ?? [])
    const methods = route.stack.flatMap(({ method }) => (method ? [method.toUpperCase()] : []))
    return [...new Set(methods)].map((method) => `${method} ${route.path}`)
  })
}

async function answerTo(who: Who, route: string): Promise<Response> {
  const [method = '', pattern = ''] = route.split(' ')
  const path = pattern.replace(':id', pattern.startsWith('/customers') ? customerId : invoiceId)
  const body =
    route === 'POST /invoices'
      ? { customerId, lines: [{ description: 'Work', quantity: 1, unitAmount: 100 }] }
      : {}
  const init: RequestInit =
    method === 'GET'
      ? {}
      : { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  if (who === 'anonymous') return api.ask(null, path, init)
  if (who !== 'bad token') return api.ask(callers[who], path, init)
  const authorization = `Bearer ${api.issuer.forgedToken(callers.owner)}`
  return api.ask(null, path, { ...init, headers: { ...init.headers, authorization } })
}

test('the matrix lists exactly the routes of the app [ASVS 8.2.1]', () => {
  const { stack } = api.app.router as unknown as { stack: Layer[] }
  expect(routesOf(stack).sort()).toEqual(Object.keys(matrix).sort())
})

describe.each(Object.entries(matrix))('%s [ASVS 8.2.1]', (route, expected) => {
  test.each(Object.entries(expected))('%s gets %i', async (who, status) => {
    const answer = await answerTo(who as Who, route)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    if (status < 400) return
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
    expect(await answer.json()).toMatchObject({ status, requestId: answer.headers.get('x-request-id') })
  })

  test('answers other methods with 405 and the allowed methods [D10]', async () => {
    const [, pattern = ''] = route.split(' ')
    const path = pattern.replace(':id', invoiceId)
    const methods = Object.keys(matrix)
      .filter((each) => each.endsWith(` ${pattern}`))
      .map((each) => each.split(' ')[0] ?? '')
    const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].sort()
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      if (allowed.includes(method)) continue
      const answer = await api.ask(callers.owner, path, { method })
      expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, allowed.join(', ')])
      expect(await answer.json()).toMatchObject({ code: 'method_not_allowed' })
    }
  })
})

test.each([
  '/',
  '/unknown',
  '/invoices/',
  '/Invoices',
  '//invoices',
  '/invoices.CSV',
  '/invoices/x/y',
  '/invoices%2Ecsv/x',
  '/healthz/',
  '/reports',
])('%s is not a path: 404, with and without a session', async (path) => {
  for (const caller of [callers.owner, null]) {
    const answer = await api.ask(caller, path)
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ code: 'not_found' })
  }
})

test('allows no origin to read responses, and refuses preflight requests [C10]', async () => {
  const origin = 'https://evil.example'
  for (const init of [
    { headers: { origin } },
    { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } },
  ]) {
    const answer = await api.ask(callers.owner, '/invoices', init)
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
  }
})

test('ignores a token in a cookie or in the query', async () => {
  const token = api.issuer.token(callers.owner)
  const cookie = `accessToken=${token}; __Host-accessToken=${token}`
  expect((await api.ask(null, '/invoices', { headers: { cookie } })).status).toBe(401)
  expect((await api.ask(null, `/invoices?access_token=${token}`)).status).toBe(401)
})

test('refuses a token for another audience', async () => {
  const token = api.issuer.token(callers.owner, { aud: 'billing-web' })
  const answer = await api.ask(null, '/invoices', { headers: { authorization: `Bearer ${token}` } })
  expect(answer.status).toBe(401)
})

test('refuses an ended session at once, by the feed, before the token expires', async () => {
  const sid = 'session-that-ends'
  const headers = { authorization: `Bearer ${api.issuer.token(callers.owner, { sid })}` }
  expect((await api.ask(null, '/summary', { headers })).status).toBe(200)
  api.issuer.endSession(sid)
  await expect
    .poll(
      async () => ((await (await api.ask(null, '/summary', { headers })).json()) as { code?: string }).code,
    )
    .toBe('session_ended')
})

test('answers HEAD like GET, without a body', async () => {
  for (const path of ['/invoices', '/invoices.csv', '/healthz']) {
    const answer = await api.ask(callers.member, path, { method: 'HEAD' })
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('')
  }
})
