import { describe, expect, it, vi } from 'vitest'
import { cookieForPage, firstHop, navigation, setCookies, startProxy } from '../testing/custom-proxy.ts'

const theirs = 'theirs=sealed'

/** A proxy in front of which another library has signed somebody in, or had a session without our tokens. */
async function start(carries: 'a refresh token' | 'no refresh token' | 'nothing' = 'a refresh token') {
  const adopt = vi.fn(() => {
    if (carries === 'nothing') return null
    const refreshToken = carries === 'a refresh token' ? app.backend.signIn().refreshToken : undefined
    return { refreshToken: refreshToken as string, cookies: ['theirs'] }
  })
  const app = await startProxy({ adopt, protect: { '/admin': { role: 'admin' } } })
  return { ...app, adopt }
}

describe('adopt', () => {
  it('replaces the other library’s cookie by our cookies before the page renders', async () => {
    const { ask, adopt, backend } = await start()
    const answer = await ask('/dashboard', { cookie: theirs })
    expect(answer.outcome).toBe('passes')
    expect(adopt).toHaveBeenCalledTimes(1)
    const { accessToken, refreshToken, ...others } = setCookies(answer)
    expect(backend.live).toEqual(new Set([refreshToken]))
    expect(accessToken).toMatch(/\./)
    expect(others).toEqual({ theirs: '' })
    const seen = cookieForPage(answer)
    expect(seen).toContain(`accessToken=${accessToken}; refreshToken=${refreshToken}`)
    expect(seen).not.toContain('theirs')
  })

  it('applies path rules to the new session in the same request', async () => {
    const { ask, backend } = await start()
    backend.roles = ['member']
    expect((await ask('/admin', { cookie: theirs })).outcome).toBe('403')
    backend.roles = ['admin']
    expect((await ask('/admin', { cookie: theirs })).outcome).toBe('passes')
  })

  it('is not called on a navigation from another site, which omits strict cookies', async () => {
    const { ask, adopt, backend } = await start()
    for (const site of ['cross-site', 'same-site']) {
      const answer = await ask('/dashboard', {
        headers: { ...firstHop, 'sec-fetch-site': site },
        cookie: theirs,
      })
      expect(answer.outcome).toBe('again')
      expect(setCookies(answer)).not.toHaveProperty('theirs')
    }
    expect(adopt).not.toHaveBeenCalled()
    expect(backend.seen).toEqual([])
    // The browser's own repetition of it.
    expect((await ask('/dashboard', { cookie: theirs })).outcome).toBe('passes')
    expect(adopt).toHaveBeenCalledTimes(1)
  })

  it.each<[string, (app: { signIn(): string }) => string]>([
    ['a session of ours', (app) => app.signIn()],
    ['tokens of ours that nobody knows', () => 'accessToken=a.b.c; refreshToken=unknown'],
    ['two cookies of one of our names', () => 'accessToken=a.b.c; accessToken=d.e.f'],
  ])('is not called for a browser with %s', async (_, cookieOf) => {
    const { ask, adopt, signIn } = await start()
    await ask('/dashboard', { cookie: `${cookieOf({ signIn })}; ${theirs}` })
    expect(adopt).not.toHaveBeenCalled()
  })

  it.each(['nothing', 'no refresh token'] as const)(
    'redirects to the sign-in page if it finds %s, and changes no cookie',
    async (carries) => {
      const { ask, adopt, backend } = await start(carries)
      const answer = await ask('/dashboard', { cookie: theirs })
      expect(answer.outcome).toBe('307 /login?returnTo=%2Fdashboard')
      expect(answer.headers.getSetCookie()).toEqual([])
      expect(adopt).toHaveBeenCalledTimes(1)
      expect(backend.seen).toEqual([])
    },
  )

  it('keeps the other library’s cookie while the backend is unreachable', async () => {
    const { ask, backend } = await start()
    backend.answers['POST /refresh'] = { status: 503 }
    const answer = await ask('/admin', { cookie: theirs })
    expect(answer.outcome).toBe('503')
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  it('is not called for webhooks and for cross-site POSTs', async () => {
    const { ask, adopt } = await start()
    const headers = { ...navigation, origin: 'https://evil.example' }
    expect((await ask('/dashboard', { method: 'POST', headers, cookie: theirs })).outcome).toBe('403')
    expect(adopt).not.toHaveBeenCalled()
  })
})
