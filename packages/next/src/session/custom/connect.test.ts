import { afterEach, beforeEach, expect, it, type MockInstance, vi } from 'vitest'
import { startCustom } from '../../testing/custom-pages.ts'

let complaints: MockInstance<typeof console.error>
beforeEach(() => {
  complaints = vi.spyOn(console, 'error').mockReturnValue()
})
afterEach(() => complaints.mockRestore())
const complained = () => complaints.mock.calls.flat().join('\n')

const browser = { address: null, userAgent: null, requestId: null, device: null }

it('tells all waiting callers that a refresh has ended the session', async () => {
  const { backend, runtime } = await startCustom()
  const { refreshToken } = backend.signIn()
  backend.answers['POST /refresh'] = { status: 401 }
  const held = Promise.withResolvers<void>()
  backend.hold = held.promise
  const first = runtime.refresh(refreshToken, browser)
  await expect.poll(() => backend.count('POST /refresh')).toBe(1)
  const second = runtime.refresh(refreshToken, browser)
  held.resolve()
  expect(await Promise.all([first, second])).toEqual([{ kind: 'ended' }, { kind: 'ended' }])
  expect(complained()).toBe('')
})

it('ends the successor of a used token at sign-out, even during an outage', async () => {
  const { backend, runtime } = await startCustom()
  const { refreshToken } = backend.signIn()
  const outcome = await runtime.refresh(refreshToken, browser)
  const newer = outcome.kind === 'refreshed' ? outcome.tokens : null
  backend.answers['GET /me'] = { status: 503 }
  expect(await runtime.authServer.signOut(refreshToken, browser)).toEqual({ ok: true })
  expect(backend.bodies.at(-1)).toEqual({ refreshToken: newer?.refreshToken })
  expect(backend.live.size).toBe(0)
  delete backend.answers['GET /me']
  await expect(runtime.verifier.verify(newer?.accessToken ?? '')).rejects.toMatchObject({
    code: 'token_stale',
  })
  for (const token of [refreshToken, newer?.refreshToken ?? ''])
    expect(await runtime.refresh(token, browser)).toEqual({ kind: 'ended' })
  expect(complained()).toBe('')
})

it('forwards a sign-out without the store, but not a refresh', async () => {
  const away = () => Promise.reject(Object.assign(new Error('hunter2'), { name: 'StoreError' }))
  const { backend, runtime } = await startCustom({
    refreshStore: { get: away, set: away, setIfAbsent: away, delete: away },
  })
  const [one, other] = [backend.signIn(), backend.signIn()]
  expect(await runtime.refresh(one.refreshToken, browser)).toEqual({ kind: 'unavailable' })
  expect(backend.count('POST /refresh')).toBe(0)
  expect(await runtime.authServer.signOut(other.refreshToken, browser)).toEqual({ ok: true })
  expect([...backend.live]).toEqual([one.refreshToken])
  expect(complained()).toContain('the refresh store failed (StoreError)')
  expect(complained()).not.toContain('hunter2')
})

it('marks no token as stale for a backend without refresh tokens', async () => {
  const { backend, runtime } = await startCustom({ refresh: undefined })
  const { accessToken } = backend.signIn()
  runtime.outdate?.(accessToken)
  expect(await runtime.verifier.verify(accessToken)).toMatchObject({ userId: '7' })
  expect(runtime.asksForRenewal('forbidden')).toBe(true)
})

it('returns without `profile` only the data of `principal`', async () => {
  const { backend, runtime } = await startCustom({ profile: undefined })
  const { accessToken } = backend.signIn()
  expect(await runtime.authServer.call('readProfile', { accessToken }, browser)).toMatchObject({
    ok: true,
    user: { id: '7', roles: ['member'], name: '', email: '' },
  })
  expect(complained()).toBe('')
})
