import { problem } from '@sallyport/protocol'
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import type { RefreshStore } from '../../config/refresh-store.ts'
import type { AuthServerClient } from '../auth-server-client.ts'
import { createSharedRefreshes } from './shared-refreshes.ts'

let complaints: MockInstance<typeof console.error>
beforeEach(() => {
  complaints = vi.spyOn(console, 'error').mockReturnValue()
})
afterEach(() => complaints.mockRestore())

const browser = { address: null, userAgent: null, requestId: null, device: null }
const refreshed = (name: string, refreshToken: string | null = `refresh-${name}`) => ({
  ok: true as const,
  tokens: { accessToken: `access-${name}`, refreshToken, expiresIn: 600 },
})
const refused = (code: 'session_ended' | 'unavailable' | 'too_many_requests') => ({
  ok: false as const,
  problem: problem(code),
})

/** A store that keeps all, and writes down for how long it was asked to. */
function createStore() {
  const entries = new Map<string, string>()
  const lives: [string, string, number][] = []
  const store: RefreshStore = {
    get: async (key) => entries.get(key) ?? null,
    async setIfAbsent(key, value, ms) {
      lives.push(['claim', key, ms])
      if (entries.has(key)) return false
      entries.set(key, value)
      return true
    },
    async set(key, value, ms) {
      lives.push(['set', key, ms])
      entries.set(key, value)
    },
    delete: async (key) => void entries.delete(key),
  }
  return { store, entries, lives }
}

function start({
  answer = () => refreshed('new'),
  claimMs = 20_000,
  origin = 'http://localhost:8000',
  ...rest
}: {
  answer?: (refreshToken: string) => Awaited<ReturnType<AuthServerClient['refresh']>>
  claimMs?: number
  origin?: string
  shared?: ReturnType<typeof createStore>
} = {}) {
  const shared = rest.shared ?? createStore()
  const asked: string[] = []
  const outdated = new Set<string>()
  const refreshes = createSharedRefreshes({
    store: shared.store,
    origin,
    async refresh(refreshToken) {
      asked.push(refreshToken)
      return answer(refreshToken)
    },
    isOutdated: (accessToken) => outdated.has(accessToken),
    rememberMs: 10_000,
    claimMs,
  })
  return { ...refreshes, ...shared, shared, asked, outdated }
}

describe('a shared response of the backend', () => {
  it('is returned for the same token during the set time', async () => {
    const { refresh, asked, lives, entries, known } = start()
    expect(await known('spent')).toBeNull()
    expect(await refresh('spent', browser)).toEqual(refreshed('new'))
    expect(await refresh('spent', browser)).toEqual(refreshed('new'))
    expect(await known('spent')).toEqual(refreshed('new').tokens)
    expect(await known('other')).toBeNull()
    expect(asked).toEqual(['spent'])
    const [key = ''] = entries.keys()
    expect(lives).toEqual([
      ['claim', key, 20_000],
      ['set', key, 10_000],
    ])
    expect(key).toMatch(/^sallyport:[\w-]{43}$/)
  })

  it('can be that the session has ended', async () => {
    const { refresh, known, asked } = start({ answer: () => refused('session_ended') })
    for (const _ of [1, 2]) expect(await refresh('spent', browser)).toEqual(refused('session_ended'))
    expect(await known('spent')).toBeNull()
    expect(asked).toHaveLength(1)
  })

  it.each(['unavailable', 'too_many_requests'] as const)(
    'is not stored for %s, so the next caller asks again',
    async (code) => {
      let isAway = true
      const { refresh, entries, asked } = start({
        answer: () => (isAway ? refused(code) : refreshed('new')),
      })
      expect(await refresh('spent', browser)).toEqual(refused(code))
      expect(entries.size).toBe(0)
      isAway = false
      expect(await refresh('spent', browser)).toEqual(refreshed('new'))
      expect(asked).toHaveLength(2)
    },
  )

  it('is encrypted differently each time, and invalid in another entry', async () => {
    const { refresh, entries } = start()
    await refresh('one', browser)
    await refresh('two', browser)
    const [[one = '', sealedOne = ''] = [], [two = '', sealedTwo = ''] = []] = [...entries]
    expect(one).not.toBe(two)
    expect(sealedOne).not.toBe(sealedTwo)
    entries.set(two, sealedOne)
    expect(await refresh('two', browser)).toEqual(refused('unavailable'))
    entries.delete(one)
    await refresh('one', browser)
    expect(entries.get(one)).not.toBe(sealedOne)
    expect(complaints.mock.calls.flat().join()).toContain('the refresh store failed (Error)')
  })

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['cut to its beginning', (bytes: Buffer) => bytes.subarray(0, 20)],
    ['made longer', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')])],
    ['changed in its first byte', (bytes: Buffer) => changedAt(bytes, 0)],
    ['changed in its tag', (bytes: Buffer) => changedAt(bytes, 12)],
    ['changed in its last byte', (bytes: Buffer) => changedAt(bytes, bytes.length - 1)],
    ['nothing', () => Buffer.alloc(0)],
  ])('%s: the session is unknown', async (_, change) => {
    const { refresh, entries, asked } = start()
    await refresh('spent', browser)
    for (const [key, value] of entries)
      entries.set(key, change(Buffer.from(value, 'base64url')).toString('base64url'))
    expect(await refresh('spent', browser)).toEqual(refused('unavailable'))
    expect(asked).toHaveLength(1)
  })

  it('is not used for another backend', async () => {
    const one = start()
    const other = start({ shared: one.shared, origin: 'http://localhost:9000' })
    await one.refresh('spent', browser)
    await other.refresh('spent', browser)
    expect([one.asked, other.asked, one.entries.size]).toEqual([['spent'], ['spent'], 2])
  })
})

describe('a shared response whose token the API has refused', () => {
  it('is replaced once each time if the refresh token stays the same', async () => {
    const names = ['1', '2', '3', '4']
    const { refresh, known, asked, outdated } = start({
      answer: () => refreshed(names.shift() ?? '', 'same'),
    })
    for (const name of ['1', '2', '3']) {
      for (const _ of [1, 2]) expect(await refresh('same', browser)).toEqual(refreshed(name, 'same'))
      expect(await known('same')).toEqual(refreshed(name, 'same').tokens)
      outdated.add(`access-${name}`)
    }
    expect(asked).toHaveLength(3)
  })

  it('stays if it has a new refresh token, which must be used', async () => {
    const { refresh, asked, outdated } = start()
    await refresh('spent', browser)
    outdated.add('access-new')
    expect(await refresh('spent', browser)).toEqual(refreshed('new'))
    expect(asked).toHaveLength(1)
  })
})

describe('another instance calls the backend at the same time', () => {
  it('waits for the response of the other instance', async () => {
    const held = Promise.withResolvers<void>()
    const shared = createStore()
    const one = start({ shared, answer: () => refreshed('new') })
    const { set } = shared.store
    shared.store.set = async (...args) => {
      await held.promise
      await set(...args)
    }
    const first = one.refresh('spent', browser)
    await expect.poll(() => shared.entries.size).toBe(1)
    const second = one.refresh('spent', browser)
    const looks = vi.spyOn(shared.store, 'get')
    await expect.poll(() => looks.mock.calls.length).toBeGreaterThan(1)
    held.resolve()
    expect(await Promise.all([first, second])).toEqual([refreshed('new'), refreshed('new')])
    expect(one.asked).toHaveLength(1)
  })

  it('returns unknown if that takes too long', async () => {
    const { refresh, store, asked } = start({ claimMs: 60 })
    const look = vi.fn(async () => 'claimed')
    store.get = look
    expect(await refresh('spent', browser)).toEqual(refused('unavailable'))
    expect(look.mock.calls.length).toBeGreaterThan(1)
    expect(asked).toEqual([])
    expect(complaints).not.toHaveBeenCalled()
  })

  it('uses the response that was stored first', async () => {
    const { refresh, shared, asked, store } = start()
    const { setIfAbsent } = store
    store.setIfAbsent = async (...args) => {
      store.setIfAbsent = setIfAbsent
      await start({ shared, answer: () => refreshed('theirs') }).refresh('spent', browser)
      return setIfAbsent(...args)
    }
    expect(await refresh('spent', browser)).toEqual(refreshed('theirs'))
    expect(asked).toEqual([])
  })
})

describe('a sign-out', () => {
  it('is stored for a day, for this token, until it is revoked', async () => {
    const { noteSignOut, isSignedOut, entries, lives, refresh } = start()
    expect(await isSignedOut('mine')).toBe(false)
    await noteSignOut('mine', true)
    expect([await isSignedOut('mine'), await isSignedOut('other')]).toEqual([true, false])
    const [key = ''] = entries.keys()
    expect(lives).toEqual([['set', key, 86_400_000]])
    // It is no answer to a refresh, which has an entry of its own.
    expect(await refresh('mine', browser)).toEqual(refreshed('new'))
    await noteSignOut('mine', false)
    expect(await isSignedOut('mine')).toBe(false)
    expect(entries.size).toBe(1)
  })

  it('succeeds without the store, and logs no message of the store', async () => {
    const { noteSignOut, store } = start()
    store.set = () => Promise.reject(Object.assign(new Error('hunter2'), { name: 'OutageError' }))
    store.delete = () => Promise.reject('hunter2')
    await noteSignOut('mine', true)
    await noteSignOut('mine', false)
    const told = complaints.mock.calls.flat().join()
    expect(told).toContain('failed (OutageError)')
    expect(told).toContain('failed (string)')
    expect(told).not.toContain('hunter2')
  })
})

function changedAt(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[at] = (changed[at] ?? 0) ^ 1
  return changed
}
