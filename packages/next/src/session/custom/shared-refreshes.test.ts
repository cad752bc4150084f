import { paths } from '@sallyport/protocol/endpoints'
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import { readConfig } from '../../config/config.ts'
import { type CustomIssuerOptions, customIssuer } from '../../config/custom-issuer.ts'
import type { RefreshStore } from '../../config/refresh-store.ts'
import { optionsFor } from '../../testing/custom-pages.ts'
import { openPage } from '../../testing/open-page.ts'
import { startStrictBackend } from '../../testing/strict-backend.ts'
import { runtimeFor } from '../runtime.ts'
import { createBackendMemory } from './backend-memory.ts'
import { connectCustom } from './connect.ts'

let complaints: MockInstance<typeof console.error>
beforeEach(() => {
  complaints = vi.spyOn(console, 'error').mockReturnValue()
})
afterEach(() => complaints.mockRestore())

/** A store as Redis is one, with a look at what it holds. */
function memoryStore() {
  const entries = new Map<string, { value: string; until: number }>()
  const live = (key: string) => {
    const entry = entries.get(key)
    return entry && entry.until > Date.now() ? entry.value : null
  }
  const store: RefreshStore = {
    get: async (key) => live(key),
    setIfAbsent: async (key, value, ttlMs) => {
      if (live(key) !== null) return false
      entries.set(key, { value, until: Date.now() + ttlMs })
      return true
    },
    set: async (key, value, ttlMs) => void entries.set(key, { value, until: Date.now() + ttlMs }),
    delete: async (key) => void entries.delete(key),
  }
  return { store, entries }
}

type Changes = { [Name in keyof CustomIssuerOptions]?: CustomIssuerOptions[Name] | undefined }

/** Instances of one app, each with a memory of its own, in front of a backend that takes each refresh token once. */
async function startInstances(changes: Changes = {}) {
  const backend = await startStrictBackend()
  const { store, entries } = memoryStore()
  const given = { ...optionsFor(backend.url), refreshStore: store, ...changes }
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const custom = customIssuer(options as CustomIssuerOptions)
  const config = readConfig({ issuer: custom, app: 'http://localhost:3000', serverTimeoutSeconds: 2 }, {})
  const instance = () => {
    const runtime = { config, ...connectCustom(custom, config, createBackendMemory()) }
    const open = (cookies: Record<string, string> = {}) => {
      const page = openPage(runtime, cookies)
      const principal = async () => {
        const { status, body } = await page.ask('GET', paths.readSession)
        return status === 200 ? (body as { principal: unknown }).principal : status
      }
      return { ...page, principal }
    }
    return { runtime, open }
  }
  const instances = [instance(), instance()] as const
  const page = instances[0].open()
  const body = JSON.stringify({ email: 'ada@example.com', password: 'right' })
  expect((await page.ask('POST', paths.signIn, { body })).status).toBe(200)
  const { refreshToken = '' } = page.jar()
  return { backend, entries, store, instances, refreshToken, page }
}

const anna = expect.objectContaining({ userId: '7' })

describe('two instances and a backend that rotates refresh tokens strictly', () => {
  it('with a store: refreshes once for parallel tabs at both instances', async () => {
    const { backend, instances, refreshToken } = await startInstances()
    const tabs = [0, 1, 0, 1, 0, 1].map((at) => (instances[at] ?? instances[0]).open({ refreshToken }))
    expect(await Promise.all(tabs.map((tab) => tab.principal()))).toEqual(tabs.map(() => anna))
    expect(backend.count('POST /refresh')).toBe(1)
    expect(new Set(tabs.map((tab) => JSON.stringify(tab.jar()))).size).toBe(1)
  })

  it('with a store: gives a slow tab at the other instance the newest tokens', async () => {
    const { backend, instances, refreshToken } = await startInstances()
    const [first, other] = instances
    const tab = first.open({ refreshToken })
    await tab.principal()
    await tab.ask('POST', paths.refresh)
    const slow = other.open({ refreshToken })
    expect(await slow.principal()).toEqual(anna)
    expect(slow.jar()).toEqual(tab.jar())
    expect(backend.count('POST /refresh')).toBe(2)
  })

  it('without a store: the second request is signed out, as documented', async () => {
    const { instances, refreshToken } = await startInstances({ refreshStore: false })
    const tabs = instances.map(({ open }) => open({ refreshToken }))
    const principals = await Promise.all(tabs.map((tab) => tab.principal()))
    expect(principals.filter((principal) => principal === null)).toHaveLength(1)
  })

  it('refreshes again after a 401 if the refresh token stays the same', async () => {
    const { backend, instances, refreshToken } = await startInstances({
      refresh: (_, send) => send('POST', '/login', { password: 'right' }),
      tokens: ({ body }) => ({ accessToken: body.accessToken, refreshToken: 'always-the-same' }),
    })
    const [first, other] = instances
    const tab = first.open({ refreshToken })
    await tab.principal()
    const before = tab.jar().accessToken ?? ''
    for (const { runtime } of instances) runtime.outdate?.(before)
    const asked = backend.count('POST /login')
    const tabs = [first.open(tab.jar()), other.open(tab.jar())]
    expect(await Promise.all(tabs.map((one) => one.principal()))).toEqual([anna, anna])
    expect(tabs[0]?.jar()).toEqual(tabs[1]?.jar())
    expect(tabs[0]?.jar().accessToken).not.toBe(before)
    expect(backend.count('POST /login') - asked).toBe(1)
  })

  it('applies a sign-out at both instances, even without a backend sign-out', async () => {
    const { instances, page, refreshToken } = await startInstances({ logout: undefined })
    await page.ask('POST', paths.signOut, { body: '{}' })
    expect(await instances[1].open({ refreshToken }).principal()).toBe(null)
  })

  it('ends the new tokens if the other instance refreshes during a sign-out', async () => {
    const { backend, entries, instances, page, refreshToken } = await startInstances()
    const held = Promise.withResolvers<void>()
    backend.hold = held.promise
    const tab = instances[1].open({ refreshToken })
    const refreshing = tab.principal()
    await vi.waitFor(() => expect(backend.count('POST /refresh')).toBe(1), { timeout: 30_000 })
    const leaving = page.ask('POST', paths.signOut, { body: '{}' })
    // The claim of the one, and the note of the other.
    await vi.waitFor(() => expect(entries.size).toBe(2), { timeout: 30_000 })
    held.resolve()
    await leaving
    expect(await refreshing).toBe(null)
    expect(backend.live.size).toBe(0)
  })
})

describe('the store', () => {
  it('gets no token, and only encrypted entries', async () => {
    const { instances, entries, refreshToken } = await startInstances()
    const tab = instances[0].open({ refreshToken })
    await tab.principal()
    const stored = JSON.stringify([...entries])
    expect(entries.size).toBeGreaterThan(0)
    for (const token of [refreshToken, ...Object.values(tab.jar())]) {
      expect(stored).not.toContain(token)
      expect(stored).not.toContain(Buffer.from(token).toString('base64url').slice(0, 40))
    }
  })

  it('ignores forged entries, and signs nobody out', async () => {
    const { backend, instances, entries, refreshToken } = await startInstances()
    await instances[0].open({ refreshToken }).principal()
    for (const entry of entries.values())
      entry.value = `${entry.value.startsWith('A') ? 'B' : 'A'}${entry.value.slice(1)}`
    const tab = instances[1].open({ refreshToken })
    expect(await tab.principal()).toBe(503)
    expect(tab.jar()).toEqual({ refreshToken })
    expect(backend.count('POST /refresh')).toBe(1)
  })

  it('unreachable: uses no refresh token, and signs nobody out', async () => {
    const refused = Object.assign(new Error('postgres://app:hunter2@db refused'), { name: 'DatabaseError' })
    const away = () => Promise.reject(refused)
    const refreshStore = { get: away, setIfAbsent: away, set: away, delete: away }
    const { backend, instances, refreshToken } = await startInstances({ refreshStore })
    const tab = instances[1].open({ refreshToken })
    expect(await tab.principal()).toBe(503)
    expect(tab.jar()).toEqual({ refreshToken })
    expect(backend.count('POST /refresh')).toBe(0)
    expect(complaints.mock.calls.flat().join()).toContain('refresh store failed (DatabaseError)')
    expect(complaints.mock.calls.flat().join()).not.toContain('hunter2')
  })

  it('lost during a refresh: the browser still gets the new tokens', async () => {
    const { store, instances, refreshToken } = await startInstances()
    store.set = () => Promise.reject(new Error('gone'))
    const tab = instances[0].open({ refreshToken })
    expect(await tab.principal()).toEqual(anna)
    expect(tab.jar().refreshToken).not.toBe(refreshToken)
  })

  it('frees the lock of a crashed instance after its time', async () => {
    const { store, instances, refreshToken } = await startInstances()
    const { setIfAbsent } = store
    store.setIfAbsent = async (key, value) => {
      // The first claim is somebody's who never comes back.
      store.setIfAbsent = setIfAbsent
      await setIfAbsent(key, value, 100)
      return false
    }
    expect(await instances[0].open({ refreshToken }).principal()).toEqual(anna)
  })

  it('allows a new try after an outage of the backend', async () => {
    const { backend, instances, refreshToken } = await startInstances()
    backend.answers['POST /refresh'] = { status: 500 }
    expect(await instances[0].open({ refreshToken }).principal()).toBe(503)
    delete backend.answers['POST /refresh']
    expect(await instances[1].open({ refreshToken }).principal()).toEqual(anna)
  })

  it.each([null, 'redis', {}, { get() {} }, true])(
    'throws a TypeError at start for the invalid store %j',
    (refreshStore) =>
      expect(() =>
        customIssuer({
          ...optionsFor('http://localhost:1'),
          refreshStore: refreshStore as unknown as RefreshStore,
        }),
      ).toThrow(/refreshStore/),
  )
})

describe('the console at start', () => {
  const startWith = (environment: string, changes: Changes) => {
    const warnings = vi.spyOn(console, 'warn').mockReturnValue()
    vi.stubEnv('NODE_ENV', environment)
    try {
      const url = `http://localhost:${Math.floor(Math.random() * 60_000) + 1}`
      const options = { ...optionsFor(url), ...changes } as CustomIssuerOptions
      const start = () =>
        runtimeFor(readConfig({ issuer: customIssuer(options), app: 'http://localhost:3000' }, {}))
      // The proxy, pages and handlers of one process.
      start()
      const told = warnings.mock.calls.flat()
      start()
      expect(warnings.mock.calls.flat()).toEqual(told)
      return told
    } finally {
      vi.unstubAllEnvs()
      warnings.mockRestore()
    }
  }

  it('warns in one line that instances are not coordinated, with the fix', () => {
    expect(startWith('production', {})).toEqual([expect.stringMatching(/several instances.*refreshStore/)])
  })

  it('shows no warning if it is configured, unnecessary, or in development', () => {
    expect(startWith('production', { refreshStore: false })).toEqual([])
    expect(startWith('production', { refreshStore: memoryStore().store })).toEqual([])
    expect(startWith('production', { refresh: undefined } as Changes)).toEqual([])
    expect(startWith('development', {})).toEqual([])
  })
})

it('refreshes once for two customIssuers of one URL, each with its rules', async () => {
  const backend = await startStrictBackend()
  const start = (changes: Changes) => {
    const options = { ...optionsFor(backend.url), ...changes } as CustomIssuerOptions
    const config = readConfig({ issuer: customIssuer(options), app: 'http://localhost:3000' }, {})
    return runtimeFor(config)
  }
  const strict = start({ principal: ({ id }) => ({ userId: id, roles: ['member'] }) })
  const generous = start({ principal: ({ id }) => ({ userId: id, roles: ['owner'] }) })
  const nobody = start({ principal: () => ({ userId: undefined }) })
  const { accessToken, refreshToken } = backend.signIn()
  expect((await strict.verifier.verify(accessToken)).roles).toEqual(['member'])
  expect((await generous.verifier.verify(accessToken)).roles).toEqual(['owner'])
  await expect(nobody.verifier.verify(accessToken)).rejects.toThrow()
  const browser = { address: null, userAgent: null, requestId: null, device: null }
  const outcomes = await Promise.all([strict, generous].map(({ refresh }) => refresh(refreshToken, browser)))
  expect(outcomes.map(({ kind }) => kind)).toEqual(['refreshed', 'refreshed'])
  expect(backend.count('POST /refresh')).toBe(1)
  // What has ended has ended for all.
  strict.verifier.revokeLocally({ sid: (await strict.verifier.verify(accessToken)).sessionId })
  await expect(generous.verifier.verify(accessToken)).rejects.toThrow()
})
