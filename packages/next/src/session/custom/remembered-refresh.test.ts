import { paths } from '@sallyport/protocol/endpoints'
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import { startCustom } from '../../testing/custom-pages.ts'

let complaints: MockInstance<typeof console.error>
beforeEach(() => {
  complaints = vi.spyOn(console, 'error').mockReturnValue()
})
afterEach(() => complaints.mockRestore())

type Page = Awaited<ReturnType<typeof startCustom>>['page']
const refreshTokenOf = (page: Page) => page.jar().refreshToken ?? ''

/** A tab whose access token has just been refreshed, and one that still has the refresh token from before. */
async function refreshedTab(changes: Parameters<typeof startCustom>[0] = {}) {
  const started = await startCustom(changes)
  const { page, open } = started
  await page.signIn()
  const tab = open({ refreshToken: refreshTokenOf(page) })
  await tab.principal()
  return { ...started, tab, slow: open({ refreshToken: refreshTokenOf(page) }) }
}

describe('a 401 of the API within ten seconds of a refresh', () => {
  it('signs nobody out who comes with the token that was spent for it: a parallel tab', async () => {
    const { backend, runtime, tab, slow } = await refreshedTab()
    runtime.outdate?.(tab.jar().accessToken ?? '')
    expect(await slow.principal()).toMatchObject({ userId: '7' })
    expect(backend.live).toContain(refreshTokenOf(slow))
    expect(backend.count('POST /refresh')).toBe(2)
  })

  it('signs nobody out whose backend goes on with the same refresh token, and asks it once for all tabs', async () => {
    const { backend, runtime, open, page } = await startCustom({
      refresh: (_, send) => send('POST', '/login', { password: 'right' }),
      tokens: ({ body }) => ({
        accessToken: body.accessToken,
        refreshToken: 'always-the-same',
      }),
    })
    await page.signIn()
    const { refreshToken = '' } = page.jar()
    const tab = open({ refreshToken })
    await tab.principal()
    runtime.outdate?.(tab.jar().accessToken ?? '')
    const before = backend.count('POST /login')
    const tabs = Array.from({ length: 10 }, () => open({ ...tab.jar() }))
    for (const principal of await Promise.all(tabs.map((one) => one.principal())))
      expect(principal).toMatchObject({ userId: '7' })
    expect(backend.count('POST /login') - before).toBe(1)
  })
})

it('a slow tab with a token from two refreshes ago does not put a spent one back into the jar', async () => {
  const { backend, tab, slow } = await refreshedTab()
  await tab.ask('POST', paths.refresh)
  expect(await slow.principal()).toMatchObject({ userId: '7' })
  expect(slow.jar()).toEqual(tab.jar())
  expect(backend.live).toContain(refreshTokenOf(slow))
})

describe('signing out at a backend that goes on with the tokens all the same', () => {
  it.each([
    ['has no `logout`', { logout: undefined }, undefined],
    ['is away', {}, { status: 503 }],
  ])('it %s: a late request does not bring the session back', async (_, changes, answer) => {
    const { backend, page, open } = await startCustom(changes)
    await page.signIn()
    const late = open(page.jar())
    const withoutAccess = open({ refreshToken: refreshTokenOf(page) })
    backend.answers['POST /logout'] = answer
    await page.ask('POST', paths.signOut)
    for (const tab of [late, withoutAccess]) {
      expect(await tab.principal()).toBe(null)
      expect(tab.jar()).toEqual({})
    }
    expect(backend.count('POST /refresh')).toBe(0)
  })

  it('nor does a refresh that was on its way meanwhile', async () => {
    const { backend, page, open, runtime } = await startCustom({ logout: undefined })
    await page.signIn()
    const { refreshToken = '' } = page.jar()
    const { promise, resolve } = Promise.withResolvers<void>()
    backend.hold = promise
    const tab = open({ refreshToken })
    const refreshing = tab.principal()
    await expect.poll(() => backend.count('POST /refresh')).toBe(1)
    const browser = { address: null, userAgent: null, requestId: null, device: null }
    const leaving = runtime.authServer.signOut(refreshToken, browser)
    resolve()
    expect(await leaving).toEqual({ ok: true })
    expect(await refreshing).toBe(null)
    expect(tab.jar()).toEqual({})
  })

  it('nor does one with the token from before the last refresh', async () => {
    const { tab, slow } = await refreshedTab({ logout: undefined })
    await tab.ask('POST', paths.signOut)
    expect(await slow.principal()).toBe(null)
    expect(slow.jar()).toEqual({})
  })

  it('whoever signs in again and gets the same refresh token as before stays in', async () => {
    const { backend, page, open } = await startCustom({ logout: undefined })
    await page.signIn()
    const { refreshToken = '' } = page.jar()
    await page.ask('POST', paths.signOut)
    backend.answers['POST /login'] = { status: 200, body: { ...(await backend.signIn()), refreshToken } }
    await page.signIn()
    expect(await open({ refreshToken }).principal()).toMatchObject({ userId: '7' })
  })
})

describe('a sign-out with a refresh token that another tab has just spent', () => {
  const browser = { address: null, userAgent: null, requestId: null, device: null }

  it.each([
    [
      'by its session, where the backend names one',
      { principal: ({ id }) => ({ userId: id as number, sessionId: 's-1' }) },
      'session_ended',
    ],
    ['by itself', {}, 'token_stale'],
  ] satisfies [string, Parameters<typeof startCustom>[0], string][])(
    'ends what came of it: the newer access token is refused %s, and the newer refresh token brings nothing',
    async (_, changes, code) => {
      const { backend, runtime, tab, slow } = await refreshedTab(changes)
      const newer = tab.jar().accessToken ?? ''
      await expect(runtime.verifier.verify(newer)).resolves.toBeDefined()
      await runtime.authServer.signOut(refreshTokenOf(slow), browser)
      await expect(runtime.verifier.verify(newer)).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:token_stale|session_ended)$/),
      })
      expect(await tab.principal()).toBeNull()
      expect(await runtime.refresh(refreshTokenOf(slow), browser)).toEqual({ kind: 'ended' })
      expect(backend.live.size).toBe(0)
      // Another token of the same session, which this process has never seen.
      if (code === 'session_ended')
        await expect(runtime.verifier.verify(backend.signIn().accessToken)).rejects.toMatchObject({ code })
      else await expect(runtime.verifier.verify(backend.signIn().accessToken)).resolves.toBeDefined()
    },
  )
})
