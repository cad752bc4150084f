import { problem } from '@sallyport/protocol'
import { describe, expect, it, vi } from 'vitest'
import { createRefresher } from './refresh.ts'

const browser = { address: null, userAgent: null, requestId: null, device: null }
const pair = (name: string) => ({
  accessToken: `${name}-access`,
  refreshToken: `${name}-refresh`,
  expiresIn: 600,
})

describe('one refresh at a time per refresh token', () => {
  it('sends one request for ten parallel callers [R11]', async () => {
    const refresh = vi.fn(async () => ({ ok: true as const, tokens: pair('next') }))
    const refresher = createRefresher({ refresh })
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => refresher('token', browser)))
    expect(refresh).toHaveBeenCalledTimes(1)
    for (const outcome of outcomes) expect(outcome).toEqual({ kind: 'refreshed', tokens: pair('next') })
  })

  it('never mixes the tokens of two users in parallel [CVE-2026-40155]', async () => {
    const refresher = createRefresher({ refresh: async (token) => ({ ok: true, tokens: pair(token) }) })
    const outcomes = await Promise.all(['ada', 'bob', 'ada', 'bob'].map((token) => refresher(token, browser)))
    expect(outcomes.map((outcome) => outcome.kind === 'refreshed' && outcome.tokens.accessToken)).toEqual([
      'ada-access',
      'bob-access',
      'ada-access',
      'bob-access',
    ])
  })

  it.each([
    ['session_ended', 'ended'],
    ['token_invalid', 'ended'],
    ['unavailable', 'unavailable'],
    ['server_busy', 'unavailable'],
    ['internal_error', 'unavailable'],
    ['client_unauthorized', 'unavailable'],
    ['frontend_refused', 'unavailable'],
    ['origin_refused', 'unavailable'],
  ] as const)('treats the refusal %s as %s', async (code, kind) => {
    const refresher = createRefresher({ refresh: async () => ({ ok: false, problem: problem(code) }) })
    expect(await refresher('token', browser)).toEqual({ kind })
  })

  it('ends no session for an end code with a status other than 401', async () => {
    const odd = { ...problem('session_ended'), status: 403 }
    const refresher = createRefresher({ refresh: async () => ({ ok: false, problem: odd }) })
    expect(await refresher('token', browser)).toEqual({ kind: 'unavailable' })
  })

  it('does not cache a failure', async () => {
    const refresh = vi
      .fn()
      .mockResolvedValueOnce({ ok: false, problem: problem('unavailable') })
      .mockResolvedValueOnce({ ok: true, tokens: pair('next') })
    const refresher = createRefresher({ refresh })
    expect((await refresher('token', browser)).kind).toBe('unavailable')
    expect((await refresher('token', browser)).kind).toBe('refreshed')
  })

  it('sends a new request with bypassCache, and shares its result', async () => {
    let count = 0
    const refresher = createRefresher({
      refresh: async () => ({ ok: true, tokens: pair(String(++count)) }),
    })
    const accessTokenOf = async (options?: { bypassCache: boolean }) => {
      const outcome = await refresher('token', browser, options)
      return outcome.kind === 'refreshed' && outcome.tokens.accessToken
    }
    const first = accessTokenOf()
    expect(await accessTokenOf({ bypassCache: true })).toBe('2-access')
    expect(await first).toBe('1-access')
    expect(await accessTokenOf()).toBe('2-access')
    expect(await accessTokenOf({ bypassCache: true })).toBe('3-access')
  })

  it('returns another known result with insteadOf, or sends a request', async () => {
    let count = 0
    const refresh = vi.fn(async () => ({ ok: true as const, tokens: pair(String(++count)) }))
    const refresher = createRefresher({ refresh })
    const first = refresher('token', browser)
    const second = refresher('token', browser, { insteadOf: first })
    expect(second).not.toBe(first)
    expect(refresher('token', browser, { insteadOf: first })).toBe(second)
    expect(refresher('token', browser)).toBe(second)
    expect(refresher.known('token')).toBe(second)
    expect(refresh).toHaveBeenCalledTimes(2)
    expect(refresher.known('another')).toBeUndefined()
  })

  it('keeps a newer result if an older request fails', async () => {
    const older = Promise.withResolvers<{ ok: false; problem: ReturnType<typeof problem> }>()
    const refresh = vi
      .fn()
      .mockReturnValueOnce(older.promise)
      .mockResolvedValueOnce({ ok: true, tokens: pair('next') })
    const refresher = createRefresher({ refresh })
    const first = refresher('token', browser)
    const second = refresher('token', browser, { bypassCache: true })
    older.resolve({ ok: false, problem: problem('unavailable') })
    expect((await first).kind).toBe('unavailable')
    expect((await second).kind).toBe('refreshed')
    expect(refresher.known('token')).toBe(second)
  })

  it('shares a result for three seconds, or for the given time', async () => {
    vi.useFakeTimers()
    try {
      for (const [options, ms] of [
        [{}, 3_000],
        [{ rememberMs: 50 }, 50],
      ] as const) {
        const refresher = createRefresher(
          { refresh: async () => ({ ok: true, tokens: pair('next') }) },
          options,
        )
        await refresher('token', browser)
        await vi.advanceTimersByTimeAsync(ms - 1)
        expect(refresher.known('token')).toBeDefined()
        await vi.advanceTimersByTimeAsync(1)
        expect(refresher.known('token')).toBeUndefined()
      }
    } finally {
      vi.useRealTimers()
    }
  })
})
