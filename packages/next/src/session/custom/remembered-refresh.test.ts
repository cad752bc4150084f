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

describe('a 401 of the API within ten seconds after a refresh', () => {
  it('keeps a parallel tab with the used refresh token signed in', async () => {
    const { backend, runtime, tab, slow } = await refreshedTab()
    runtime.outdate?.(tab.jar().accessToken ?? '')
    expect(await slow.principal()).toMatchObject({ userId: '7' })
    expect(backend.live).toContain(refreshTokenOf(slow))
    expect(backend.count('POST /refresh')).toBe(2)
  })

  it('refreshes once for all tabs if the backend keeps the refresh token', async () => {
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

it('does not give a slow tab with an old token a used token', async () => {
  const { backend, tab, slow } = await refreshedTab()
  await tab.ask('POST', paths.refresh)
  expect(await slow.principal()).toMatchObject({ userId: '7' })
  expect(slow.jar()).toEqual(tab.jar())
  expect(backend.live).toContain(refreshTokenOf(slow))
})

describe('a sign-out, if the backend continues to accept the tokens', () => {
  it.each([
    ['has no `logout`', { logout: undefined }, undefined],
    ['is away', {}, { status: 503 }],
  ])('(backend: %s) is not undone by a late request', async (_, changes, answer) => {
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

  it('is not undone by a concurrent refresh', async () => {
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

  it('is not undone by a refresh with the previous token', async () => {
    const { tab, slow } = await refreshedTab({ logout: undefined })
    await tab.ask('POST', paths.signOut)
    expect(await slow.principal()).toBe(null)
    expect(slow.jar()).toEqual({})
  })

  it('does not affect a new sign-in with the same refresh token', async () => {
    const { backend, page, open } = await startCustom({ logout: undefined })
    await page.signIn()
    const { refreshToken = '' } = page.jar()
    await page.ask('POST', paths.signOut)
    backend.answers['POST /login'] = { status: 200, body: { ...(await backend.signIn()), refreshToken } }
    await page.signIn()
    expect(await open({ refreshToken }).principal()).toMatchObject({ userId: '7' })
  })
})

describe('a sign-out with a refresh token that another tab has just used', () => {
  const browser = { address: null, userAgent: null, requestId: null, device: null }

  it.each([
    [
      'by its session, where the backend names one',
      { principal: ({ id }) => ({ userId: id as number, sessionId: 's-1' }) },
      'session_ended',
    ],
    ['by itself', {}, 'token_stale'],
  ] satisfies [string, Parameters<typeof startCustom>[0], string][])(
    'ends the newer access token (%s) and the newer refresh token',
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
