import { AuthError } from '@sallyport/verify'
import { describe, expect, it, vi } from 'vitest'
import { startAuthServer } from '../testing/auth-server.ts'
import { organizationAccess } from './organization-access.ts'
import type { Runtime } from './runtime.ts'

const browser = { address: null, userAgent: null, requestId: null, device: null }
const now = Date.now()
const principal = {
  userId: 'u-1',
  sessionId: 's-1',
  roles: ['owner'],
  permissions: [],
  organizationId: 'o-1',
  issuedAt: now,
  expiresAt: now + 900_000,
}
const address = { id: 'o-1', slug: 'acme', name: 'Acme' }

/** The auth server's answers to exchanges, in order; the last one is repeated. `verify` judges each token of them. */
async function access(answers: object[], verify: (token: string) => unknown, organization = 'acme') {
  const { runtime } = await startAuthServer()
  const trade = vi.fn(async () => (answers.length > 1 ? answers.shift() : answers[0]))
  const forget = vi.fn()
  const known = {
    ...runtime,
    organizations: { trade, forget },
    verifier: { ...runtime.verifier, verify: async (token: string) => verify(token) },
  } as unknown as Runtime
  const result = await organizationAccess(known, { accessToken: 'session' }, organization, browser)
  return { result, trade, forget }
}

const token = (name: string) => ({ ok: true, access_token: name, organization: address })
const refusal = (code: string) => ({ ok: false, problem: { code } })
const authError = (code: string): never => {
  throw new AuthError(code as never, 'refused')
}

describe('access to an organization', () => {
  it('is that of the token', async () => {
    const { result } = await access([token('one')], () => principal)
    expect(result).toEqual({ kind: 'member', principal, accessToken: 'one', organization: address })
  })

  it.each(['', 'ACME', 'a/b', 'a%2Fb', 'a.b', 'a--b', '-a', 'a-', 'a b', '../x', 'a'.repeat(49)])(
    'is refused for %j without a request',
    async (organization) => {
      const { result, trade } = await access([token('one')], () => principal, organization)
      expect([result.kind, trade.mock.calls]).toEqual(['outside', []])
    },
  )

  it.each([
    ['not_found', 'outside'],
    ['insufficient_user_authentication', 'confirm'],
    ['session_ended', 'ended'],
    ['token_stale', 'renewable'],
    ['token_expired', 'renewable'],
    ['too_many_requests', 'unavailable'],
    ['unavailable', 'unavailable'],
  ])('%s of the auth server: %s', async (code, kind) => {
    expect((await access([refusal(code)], () => principal)).result).toEqual({ kind })
  })

  it.each([
    ['without an organization', { ...principal, organizationId: undefined }],
    ['of another organization', { ...principal, organizationId: 'o-2' }],
  ])('a token %s is not used [G03]', async (_, found) => {
    expect((await access([token('one')], () => found)).result).toEqual({ kind: 'unavailable' })
  })

  it('a stale or expiring token is exchanged again, once', async () => {
    const stale = await access([token('old'), token('new')], (name) =>
      name === 'old' ? authError('token_stale') : principal,
    )
    expect(stale.result).toMatchObject({ kind: 'member', accessToken: 'new' })
    expect(stale.forget.mock.calls).toEqual([['session', 'acme', 'old']])
    const always = await access([token('old')], () => authError('token_stale'))
    expect([always.result.kind, always.trade.mock.calls.length]).toEqual(['renewable', 2])
    const due = { ...principal, issuedAt: now - 890_000, expiresAt: now + 10_000 }
    const expiring = await access([token('old'), token('new')], (name) => (name === 'old' ? due : principal))
    expect(expiring.result).toMatchObject({ accessToken: 'new' })
    // During an outage it is used until it expires.
    const outage = await access([token('old'), refusal('unavailable')], () => due)
    expect(outage.result).toMatchObject({ kind: 'member', accessToken: 'old' })
    const removed = await access([token('old'), refusal('not_found')], () => due)
    expect(removed.result).toEqual({ kind: 'outside' })
  })

  it('a session that has ended here is refused', async () => {
    expect((await access([token('one')], () => authError('session_ended'))).result).toEqual({ kind: 'ended' })
  })
})
