import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startApi, type TestApi } from '../testing/api.ts'
import { callers } from '../testing/issuer.ts'

let api: TestApi
beforeAll(async () => {
  api = await startApi()
})
beforeEach(() => {
  api.log.length = 0
})
afterAll(() => api.close())

const onlyLine = async () => {
  await expect.poll(() => api.log.length).toBe(1)
  return JSON.parse(api.log[0] ?? '') as Record<string, unknown>
}

test('writes one line per request with route, caller and result', async () => {
  await api.ask(callers.finance, '/customers?search=Olivia%20Secret', {
    headers: { 'x-request-id': 'from-the-front-1' },
  })
  expect(await onlyLine()).toEqual({
    level: 30,
    time: expect.any(Number),
    service: 'billing-api',
    requestId: 'from-the-front-1',
    method: 'GET',
    route: '/customers',
    status: 200,
    userId: callers.finance.sub,
    ms: expect.any(Number),
    msg: 'request',
  })
})

test('logs no query, token, cookie, body, address or user agent [ASVS 16.2.5]', async () => {
  const token = api.issuer.token(callers.owner)
  const headers = {
    authorization: `Bearer ${token}`,
    cookie: 'accessToken=s3cret',
    'user-agent': 's3cret',
    'content-type': 'application/json',
  }
  await api.ask(null, '/invoices?search=s3cret', { headers })
  await api.ask(null, '/s3cret?x=s3cret', { headers })
  await api.ask(null, '/invoices?s3cret=1', { headers })
  await api.ask(null, '/invoices', { method: 'POST', headers, body: '{"notes":"s3cret"' })
  await api.ask(null, '/invoices', { headers: { authorization: 'Bearer s3cret' } })
  await api.ask(null, '/invoices/%s3cret', { headers })
  await expect.poll(() => api.log.length).toBe(6)
  expect(api.log.join('')).not.toMatch(/s3cret|eyJ/)
})

test('logs the code of a refusal', async () => {
  await api.ask(callers.owner, '/invoices?page=0')
  expect(await onlyLine()).toMatchObject({ status: 400, code: 'invalid_request', route: '/invoices' })
})

test('keeps a well-formed x-request-id', async () => {
  const answer = await api.ask(callers.owner, '/plans', { headers: { 'x-request-id': 'abc-DEF_123.4' } })
  expect(answer.headers.get('x-request-id')).toBe('abc-DEF_123.4')
})

test.each([
  'short',
  'x'.repeat(65),
  'with blank here',
  'semi;colon-here',
  '{"level":60}',
  '\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9',
])('replaces the x-request-id %j [D07]', async (id) => {
  const answer = await api.ask(callers.owner, '/plans', { headers: { 'x-request-id': id } })
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  expect((await onlyLine()).requestId).toBe(answer.headers.get('x-request-id'))
})
