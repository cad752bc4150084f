import { afterEach, describe, expect, it, vi } from 'vitest'
import { fetchOwn } from './own-fetch.ts'
import type { SessionAnswer } from './session-requests.ts'

const person = (userId: string) => ({
  userId,
  sessionId: `s-${userId}`,
  roles: [],
  permissions: [],
  methods: ['pwd'],
  authenticatedAt: 0,
  issuedAt: 0,
  expiresAt: 1,
})
const known = (userId: string | null): SessionAnswer => ({
  kind: 'known',
  principal: userId === null ? null : person(userId),
})
const init = { method: 'POST', body: 'an invoice' }
afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})

/** A page that shows these users, one after another, and an API that answers these statuses. */
function start({
  shows,
  statuses = [401, 200],
  renewed = known('ada'),
}: {
  shows: (string | null | undefined)[]
  statuses?: number[]
  renewed?: SessionAnswer
}) {
  const requests: [unknown, RequestInit | undefined][] = []
  vi.stubGlobal('fetch', async (...request: [unknown, RequestInit | undefined]) => {
    requests.push(request)
    return new Response(null, { status: statuses[requests.length - 1] ?? 500 })
  })
  const seen = [...shows]
  const page = {
    shown: () => {
      const userId = seen.length > 1 ? seen.shift() : seen[0]
      return typeof userId === 'string' ? person(userId) : userId
    },
    renew: vi.fn(async () => renewed),
    onForbidden: vi.fn(),
  }
  return { page, requests }
}

describe('a request that is answered with 401', () => {
  it.each([
    ['the same user', ['ada']],
    ['whoever the page had not known when it was sent', [undefined]],
    ['a user whom the page first knew during the request', [undefined, 'ada']],
    ['a user, on a page that showed nobody', [null]],
  ])('is repeated unchanged once for %s', async (_, shows) => {
    const { page, requests } = start({ shows })
    expect((await fetchOwn(page, '/api/invoices', init)).status).toBe(200)
    expect(requests).toEqual([
      ['/api/invoices', { credentials: 'same-origin', ...init }],
      ['/api/invoices', { credentials: 'same-origin', ...init }],
    ])
    expect(page.renew).toHaveBeenCalledTimes(1)
  })

  it.each([
    ['another user', ['bob'], known('ada')],
    ['another user, of whom the page has heard during the request', ['bob', 'ada'], known('ada')],
    ['another user than the page first knew during the request', [undefined, 'bob'], known('ada')],
    ['nobody', ['ada'], known(null)],
    ['what nobody can tell', ['ada'], { kind: 'unknown' } as const],
  ])('is not sent again if the renewed session is %s', async (_, shows, renewed) => {
    const { page, requests } = start({ shows, renewed })
    expect((await fetchOwn(page, '/api/invoices', init)).status).toBe(401)
    expect(requests).toHaveLength(1)
    expect(page.renew).toHaveBeenCalledTimes(1)
  })

  it('is not sent a third time after a second 401', async () => {
    const { page, requests } = start({ shows: ['ada'], statuses: [401, 401, 200] })
    expect((await fetchOwn(page, '/api/invoices', init)).status).toBe(401)
    expect(requests).toHaveLength(2)
    expect(page.renew).toHaveBeenCalledTimes(1)
  })
})

it('returns other responses unchanged, and checks the session after a 403', async () => {
  for (const status of [200, 400, 403, 404, 500]) {
    const { page, requests } = start({ shows: ['ada'], statuses: [status] })
    expect((await fetchOwn(page, '/api/invoices')).status).toBe(status)
    expect(requests).toHaveLength(1)
    expect(page.renew).not.toHaveBeenCalled()
    expect(page.onForbidden).toHaveBeenCalledTimes(status === 403 ? 1 : 0)
  }
})

it('sends cookies to the own origin and to a called API', async () => {
  vi.stubEnv('__NEXT_ROUTER_BASEPATH', '/app')
  for (const [address, url, credentials] of [
    ['/api/invoices', '/app/api/invoices', 'same-origin'],
    ['https://api.example.com/invoices', 'https://api.example.com/invoices', 'include'],
    ['/other', '/other', 'same-origin'],
  ] as const) {
    const { page, requests } = start({ shows: ['ada'], statuses: [200, 200] })
    await fetchOwn(page, address as '/api/x')
    await fetchOwn(page, address as '/api/x', { credentials: 'omit' })
    expect(requests).toEqual([
      [url, { credentials }],
      [url, { credentials: 'omit' }],
    ])
  }
})
