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

describe('asking the auth server with a token that is out of date', () => {
  it('takes no answer to a refresh that began before it was', async () => {
    const { server, open, page } = start()
    server.version -= 1
    await open().ask('POST', 'refresh')
    server.version += 1
    expect((await page.ask('GET', 'sessions')).status).toBe(200)
    expect(server.seen.filter((line) => line === refresh)).toHaveLength(2)
  })

  it('asks nothing a second time where the session is over: the cookies go', async () => {
    const { server, page } = start()
    server.answers[refresh] = () => problemResponse('session_ended')
    expect(await page.ask('GET', 'sessions')).toMatchObject({ status: 401 })
    expect(server.seen).toEqual(['GET /api/auth/sessions', refresh])
    expect(page.jar()).toEqual({})
  })

  it('nor where nobody can tell: the cookies stay', async () => {
    const { server, page, cookies } = start()
    server.interrupt = { before: refresh, code: 'lost' }
    await page.ask('GET', 'sessions')
    expect(server.seen).toEqual(['GET /api/auth/sessions', refresh])
    expect(page.jar()).toEqual(cookies)
  })

  it('keeps the tokens that it got on the way, when those after it cannot be had', async () => {
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
