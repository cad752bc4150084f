import { AuthError, type Principal } from '@sallyport/verify'
import { describe, expect, it, vi } from 'vitest'
import { readConfig } from '../config/config.ts'
import { customIssuer } from '../config/custom-issuer.ts'
import { testCredentials } from '../testing/credentials.ts'
import { optionsFor } from '../testing/custom-pages.ts'
import type { RefreshOutcome } from './refresh.ts'
import { renewSession, resolveSession } from './resolve-session.ts'
import type { Runtime } from './runtime.ts'

const minute = 60_000
const browser = { address: null, userAgent: null, requestId: null, device: null }
const person = (userId: string, minutesLeft: number): Principal => ({
  userId,
  sessionId: 's',
  roles: [],
  permissions: [],
  methods: ['pwd'],
  authenticatedAt: 0,
  issuedAt: Date.now() - (10 - minutesLeft) * minute,
  expiresAt: Date.now() + minutesLeft * minute,
})

/** What the verifier says of each access token. */
const verdicts: Record<string, (() => Principal) | Error> = {
  good: () => person('ada', 9),
  due: () => person('ada', 0.5),
  new: () => person('ada, renewed', 10),
  expired: new AuthError('token_expired', ''),
  stale: new AuthError('token_stale', ''),
  invalid: new AuthError('token_invalid', ''),
  ended: new AuthError('session_ended', ''),
  unknown: new AuthError('unavailable', ''),
  fault: new Error('a fault of ours'),
}
const refreshed = (accessToken: string): RefreshOutcome => ({
  kind: 'refreshed',
  tokens: { accessToken, refreshToken: 'r2', expiresIn: 600 },
})
const ours = {
  server: 'http://localhost:4000',
  audience: 'web',
  app: 'http://localhost:3000',
  ...testCredentials,
}

function start(outcome: RefreshOutcome = refreshed('new'), options: object = ours) {
  const refresh = vi.fn(async () => outcome)
  const verify = async (accessToken: string) => {
    const verdict = verdicts[accessToken]
    if (verdict instanceof Error) throw verdict
    if (verdict === undefined) throw new Error(`Nobody may ask about the token ${accessToken}.`)
    return verdict()
  }
  const runtime = {
    config: readConfig(options, {}),
    verifier: { verify },
    refresh,
  } as unknown as Runtime
  return { runtime, refresh }
}

/** A session in short: its kind, who, and what becomes of the cookies. */
function short(session: Awaited<ReturnType<typeof resolveSession>>): string {
  const changes = 'changes' in session ? session.changes : []
  const cookies =
    changes.length === 0 ? 'kept' : changes.every(({ value }) => value === '') ? 'cleared' : 'renewed'
  if (session.kind !== 'signedIn') return `${session.kind}, ${cookies}`
  return `${session.principal.userId}, ${session.accessToken}, ${cookies}`
}

describe('the session in the cookies of a request', () => {
  it.each<[string | null, RefreshOutcome, boolean, string, number]>([
    // Cookies, what a refresh would answer, whether it may be asked, what comes of it, how often it was asked.
    [null, refreshed('new'), true, 'none, kept', 0],
    ['theme=dark', refreshed('new'), true, 'none, kept', 0],
    ['accessToken=good; accessToken=good', refreshed('new'), true, 'none, cleared', 0],
    ['accessToken=good', refreshed('new'), true, 'ada, good, kept', 0],
    ['accessToken=good; refreshToken=r', refreshed('new'), true, 'ada, good, kept', 0],
    ['accessToken=due', refreshed('new'), true, 'ada, due, kept', 0],
    ['accessToken=due; refreshToken=r', refreshed('new'), false, 'ada, due, kept', 0],
    ['accessToken=due; refreshToken=r', refreshed('new'), true, 'ada, renewed, new, renewed', 1],
    ['accessToken=due; refreshToken=r', { kind: 'unavailable' }, true, 'ada, due, kept', 1],
    ['accessToken=due; refreshToken=r', { kind: 'ended' }, true, 'none, cleared', 1],
    // The new tokens are there, and reach the browser although nobody can tell whose they are.
    ['accessToken=due; refreshToken=r', refreshed('unknown'), true, 'ada, due, renewed', 1],
    ['accessToken=expired', refreshed('new'), true, 'none, kept', 0],
    ['accessToken=expired; refreshToken=r', refreshed('new'), true, 'ada, renewed, new, renewed', 1],
    ['accessToken=expired; refreshToken=r', refreshed('new'), false, 'expired, kept', 0],
    ['accessToken=expired; refreshToken=r', { kind: 'ended' }, true, 'none, cleared', 1],
    ['accessToken=expired; refreshToken=r', { kind: 'unavailable' }, true, 'unavailable, kept', 1],
    ['accessToken=stale; refreshToken=r', refreshed('new'), true, 'ada, renewed, new, renewed', 1],
    ['accessToken=invalid; refreshToken=r', refreshed('new'), true, 'ada, renewed, new, renewed', 1],
    ['accessToken=invalid', refreshed('new'), true, 'none, kept', 0],
    ['refreshToken=r', refreshed('new'), true, 'ada, renewed, new, renewed', 1],
    ['refreshToken=r', refreshed('ended'), true, 'none, cleared', 1],
    ['refreshToken=r', refreshed('unknown'), true, 'unavailable, renewed', 1],
    ['accessToken=ended; refreshToken=r', refreshed('new'), true, 'none, cleared', 0],
    ['accessToken=ended; refreshToken=r', refreshed('new'), false, 'none, cleared', 0],
    ['accessToken=unknown; refreshToken=r', refreshed('new'), true, 'unavailable, kept', 0],
  ])('cookies %j, refresh %j, may refresh %j: %s', async (cookies, outcome, mayRefresh, expected, times) => {
    const { runtime, refresh } = start(outcome)
    expect(short(await resolveSession(runtime, cookies, browser, () => mayRefresh))).toBe(expected)
    expect(refresh).toHaveBeenCalledTimes(times)
  })

  it('is not decided by an internal error', async () => {
    const { runtime } = start()
    await expect(resolveSession(runtime, 'accessToken=fault', browser, () => true)).rejects.toThrow(
      'a fault of ours',
    )
  })
})

describe('tokens that were just issued, but that the pages refuse', () => {
  async function renew(accessToken: string, options?: object) {
    const told = vi.spyOn(console, 'error').mockReturnValue()
    try {
      const { runtime } = start(refreshed(accessToken), options)
      const sessions = [await renewSession(runtime, 'refreshToken=r', browser)]
      sessions.push(await renewSession(runtime, 'refreshToken=r', browser))
      return { sessions: sessions.map(short), told: told.mock.calls.flat() }
    } finally {
      told.mockRestore()
    }
  }
  const custom = (access: object) => ({
    app: 'http://localhost:3000',
    issuer: customIssuer({ ...optionsFor('http://localhost:8000'), ...access }),
  })
  const byKey = {
    access: {
      publicKey:
        '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----',
      claims: {},
    },
  }

  it.each(['invalid', 'expired', 'stale'])(
    '%s, of our auth server: keeps the tokens, and logs once',
    async (accessToken) => {
      const { sessions, told } = await renew(accessToken)
      expect(sessions).toEqual(['unavailable, renewed', 'unavailable, renewed'])
      expect(told).toEqual([
        expect.stringMatching(
          /refuses a token that http:\/\/localhost:4000 has just issued.*issuer http:\/\/localhost:4000 and audience web.*docs\/clocks\.md/,
        ),
      ])
    },
  )

  it('refused by a backend’s check: the session has ended', async () => {
    const { sessions, told } = await renew('invalid', custom({}))
    expect(sessions).toEqual(['none, cleared', 'none, cleared'])
    expect(told).toEqual([])
  })

  it.each(['expired', 'unknown'])('%s, by a backend’s check: the session is unknown', async (accessToken) => {
    expect((await renew(accessToken, custom({}))).sessions).toEqual([
      'unavailable, renewed',
      'unavailable, renewed',
    ])
  })

  it('refused by a backend’s public key: unknown, and logs what to compare', async () => {
    const { sessions, told } = await renew('invalid', custom(byKey))
    expect(sessions).toEqual(['unavailable, renewed', 'unavailable, renewed'])
    expect(told).toEqual([expect.stringMatching(/localhost:8000.*Compare `access` of customIssuer/)])
  })

  it('logs nothing while the session cannot be checked', async () => {
    expect(await renew('unknown')).toEqual({
      sessions: ['unavailable, renewed', 'unavailable, renewed'],
      told: [],
    })
  })
})

describe('renewal without regard to the access token', () => {
  it.each([
    [null, 'none, kept', 0],
    ['accessToken=good', 'none, kept', 0],
    ['accessToken=good; refreshToken=r; refreshToken=s', 'none, kept', 0],
    ['accessToken=good; refreshToken=r', 'ada, renewed, new, renewed', 1],
  ])('%j: %s', async (cookies, expected, times) => {
    const { runtime, refresh } = start()
    expect(short(await renewSession(runtime, cookies, browser, { bypassCache: true }))).toBe(expected)
    expect(refresh).toHaveBeenCalledTimes(times)
    if (times > 0) expect(refresh).toHaveBeenCalledWith('r', browser, { bypassCache: true })
  })
})
