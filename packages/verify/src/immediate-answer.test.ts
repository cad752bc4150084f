import type { Request, Response } from 'express'
import { expect, test, vi } from 'vitest'
import * as expressAdapter from './adapters/express.ts'
import { AuthError } from './auth-error.ts'
import { createGuard } from './guard.ts'
import { createSigningKey, issueToken } from './testing/issuer.ts'
import { countingKeySet, verifierOf } from './testing/verifier.ts'
import type { Verifier } from './verifier.ts'

const key = createSigningKey('key-1')
const token = issueToken(key)
const request = { method: 'GET', headers: { authorization: `Bearer ${token}` } }

async function remembering(): Promise<Verifier> {
  const verifier = verifierOf(countingKeySet(key))
  await verifier.verify(token)
  return verifier
}

test('a guard is synchronous for a cached token', async () => {
  const verifier = await remembering()
  const principal = createGuard(verifier)(request)
  expect(principal).toEqual(await verifier.verify(token))
  const next = vi.fn()
  const req = { ...request } as unknown as Request
  expressAdapter.requireAuth(verifier)(req, {} as Response, next)
  expect(next).toHaveBeenCalledExactlyOnceWith()
  expect(req.principal).toBe(principal)
})

test('a guard throws an AuthError when it refuses synchronously', async () => {
  const verifier = await remembering()
  const roles = createGuard(verifier, { role: 'owner' })
  expect(() => roles(request)).toThrow(expect.objectContaining({ code: 'forbidden' }))
  verifier.revokeLocally({ sid: 'session-1' })
  expect(() => createGuard(verifier)(request)).toThrow(AuthError)
  expect(() => createGuard(verifier)({ headers: {} })).toThrow(
    expect.objectContaining({ code: 'token_missing' }),
  )
})

test('authenticate and verify reject and never throw', async () => {
  const verifier = await remembering()
  await expect(verifier.authenticate({ headers: {} })).rejects.toThrow(AuthError)
  await expect(verifier.verify(1 as unknown as string)).rejects.toThrow(AuthError)
})

test.each<[string, (verifier: Verifier, authenticate: Verifier['authenticate']) => Verifier]>([
  ['a copy with another authenticate', (verifier, authenticate) => ({ ...verifier, authenticate })],
  [
    'a verifier whose authenticate was replaced',
    (verifier, authenticate) => Object.assign(verifier, { authenticate }),
  ],
])('%s is called through it', async (_name, change) => {
  const refusal = new AuthError('session_ended', 'said by the other')
  const authenticate = vi.fn<Verifier['authenticate']>().mockRejectedValue(refusal)
  const verifier = await remembering()
  const before = createGuard(verifier)
  const changed = change(verifier, authenticate)
  await expect(createGuard(changed)(request)).rejects.toBe(refusal)
  // A guard that was created before uses the current `authenticate`.
  if (changed === verifier) await expect(before(request)).rejects.toBe(refusal)
  expect(authenticate).toHaveBeenCalled()
})
