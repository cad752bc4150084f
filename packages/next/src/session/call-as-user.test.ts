import { problemResponse } from '@sallyport/protocol'
import { describe, expect, it } from 'vitest'
import { startAuthServer } from '../testing/auth-server.ts'
import { openPage } from '../testing/open-page.ts'

const refresh = 'POST /api/auth/refresh'

/** Somebody whose access token the auth server has put out of date since. */
function start() {
  const { server, runtime, codeOf } = startAuthServer()
  const cookies = { accessToken: server.accessToken(), refreshToken: 'refresh-0' }
  const open = () => openPage(runtime, cookies)
  server.version += 1
  return { server, codeOf, open, page: open(), cookies }
}

describe('a call with a stale token', () => {
  it('does not use the result of an earlier refresh', async () => {
    const { server, open, page } = start()
    server.version -= 1
    await open().ask('POST', 'refresh')
    server.version += 1
    expect((await page.ask('GET', 'sessions')).status).toBe(200)
    expect(server.seen.filter((line) => line === refresh)).toHaveLength(2)
  })

  it('is not repeated if the session has ended, and the cookies are cleared', async () => {
    const { server, page } = start()
    server.answers[refresh] = () => problemResponse('session_ended')
    expect(await page.ask('GET', 'sessions')).toMatchObject({ status: 401 })
    expect(server.seen).toEqual(['GET /api/auth/sessions', refresh])
    expect(page.jar()).toEqual({})
  })

  it('is not repeated if the session cannot be checked, and the cookies stay', async () => {
    const { server, page, cookies } = start()
    server.interrupt = { before: refresh, code: 'lost' }
    await page.ask('GET', 'sessions')
    expect(server.seen).toEqual(['GET /api/auth/sessions', refresh])
    expect(page.jar()).toEqual(cookies)
  })

  it('keeps tokens that it has got if a later refresh fails', async () => {
    const { server, page } = start()
    let refreshes = 0
    server.answers[refresh] = () =>
      ++refreshes === 1
        ? Response.json({ accessToken: server.accessToken(), refreshToken: 'refresh-1', expiresIn: 600 })
        : problemResponse('unavailable')
    expect((await page.ask('POST', 'password/change', { body: '{}' })).status).toBe(204)
    expect(refreshes).toBe(2)
    expect(page.jar().refreshToken).toBe('refresh-1')
  })
})
