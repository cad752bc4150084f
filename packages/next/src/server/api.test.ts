import { problem } from '@sallyport/protocol'
import { describe, expect, it } from 'vitest'
import { startCustom } from '../testing/custom-pages.ts'
import { createApi } from './api.ts'
import type { CurrentSession } from './current-session.ts'
import { ApiError } from './session-error.ts'

/** The API as an action of somebody who is signed in calls it. */
async function signedInApi(changes: Parameters<typeof startCustom>[0] = {}) {
  const started = await startCustom(changes)
  const { page, runtime } = started
  await page.signIn()
  const { accessToken = '' } = page.jar()
  const principal = await runtime.verifier.verify(accessToken)
  const request: CurrentSession['request'] = {
    headers: new Headers({ origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' }),
    cookieHeader: Object.entries(page.jar())
      .map((pair) => pair.join('='))
      .join('; '),
    isWritable: () => true,
    setCookies: () => {},
  }
  const session = { kind: 'signedIn' as const, principal, accessToken, changes: [] }
  const api = createApi(
    () => runtime,
    async () => ({ request, session, isForeign: false }),
  )
  return { ...started, api, accessToken }
}

describe('an API of somebody else’s that answers 401', () => {
  it('to a payment: it is not made twice, and the next request renews', async () => {
    const { backend, api, page } = await signedInApi()
    backend.answers['POST /things'] = { status: 401 }
    await expect(api.post('/things', { amount: 7 })).rejects.toThrow(ApiError)
    expect(backend.count('POST /things')).toBe(1)
    expect(backend.count('POST /refresh')).toBe(0)
    expect(await page.principal()).toMatchObject({ userId: '7' })
    expect(backend.count('POST /refresh')).toBe(1)
  })

  it('to a question: it is asked again with a new token', async () => {
    const { backend, api } = await signedInApi()
    let asked = 0
    Object.defineProperty(backend.answers, 'GET /things', {
      get: () => (asked++ === 0 ? { status: 401 } : undefined),
    })
    expect(await api.get('/things')).toMatchObject({ id: 7 })
    expect(backend.count('POST /refresh')).toBe(1)
  })

  it('says that nothing was done, by our code: then a payment is made again', async () => {
    const { backend, api } = await signedInApi()
    let asked = 0
    Object.defineProperty(backend.answers, 'POST /things', {
      get: () =>
        asked++ === 0 ? { status: 401, body: problem('token_stale') } : { status: 200, body: { paid: true } },
    })
    expect(await api.post('/things', { amount: 7 })).toEqual({ paid: true })
    expect(backend.count('POST /things')).toBe(2)
  })

  it('to whoever has a session that cannot be renewed: that is no sign-out', async () => {
    const { backend, api, page } = await signedInApi({ refresh: undefined })
    backend.answers['GET /things'] = { status: 401 }
    await expect(api.get('/things')).rejects.toThrow(ApiError)
    expect(await page.principal()).toMatchObject({ userId: '7' })
  })
})

it('a 401 to a form of the page: with a backend that does not rotate, the next request gets another token', async () => {
  const { backend, page } = await startCustom({
    refresh: (_, send) => send('POST', '/login', { password: 'right' }),
    tokens: ({ body }) => ({ accessToken: body.accessToken, refreshToken: 'always-the-same' }),
  })
  await page.signIn()
  backend.answers['POST /things'] = { status: 401 }
  const before = page.jar().accessToken
  expect((await page.ask('POST', '/api/things', { body: '{}' })).status).toBe(401)
  expect(await page.principal()).toMatchObject({ userId: '7' })
  expect(page.jar().accessToken).not.toBe(before)
  expect(backend.count('POST /things')).toBe(1)
})
