import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import {
  audience,
  base64Url,
  createSigningKey,
  genuineHeader,
  issuer,
  issueToken,
  now,
  nowSeconds,
} from '../testing/issuer.ts'
import { expectRefused } from '../testing/refusal.ts'
import { countingKeySet, verifierOf } from '../testing/verifier.ts'
import { createVerifier } from '../verifier.ts'

const crypto = vi.hoisted(() => ({ verifications: 0 }))

// The mock calls the real function and counts the calls.
vi.mock('node:crypto', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:crypto')>()
  const verify = (...args: Parameters<typeof original.verify>) => {
    crypto.verifications += 1
    return original.verify(...args)
  }
  return { ...original, verify }
})

beforeEach(() => {
  crypto.verifications = 0
})

// These tests count operations. They do not measure time, because times on a busy machine are not reliable.
describe('garbage costs no more than a genuine token [J32]', () => {
  const key = createSigningKey('key-1')

  test('verifies a wrong signature once, like a right one', async () => {
    const verifier = verifierOf(countingKeySet(key))
    await verifier.verify(issueToken(key))
    expect(crypto.verifications).toBe(1)
    const [header, payload] = issueToken(key, { jti: 'token-2' }).split('.')
    for (let count = 1; count <= 50; count += 1) {
      await expectRefused(verifier, `${header}.${payload}.${base64Url(randomBytes(64))}`)
      expect(crypto.verifications).toBe(1 + count)
    }
  })

  test('refuses everything else, also a signature of the wrong length, before any cryptography [J11]', async () => {
    const verifier = verifierOf(countingKeySet(key))
    const header = (changes: Record<string, unknown>) =>
      base64Url(JSON.stringify(genuineHeader(key, changes)))
    const signature = base64Url(randomBytes(64))
    const garbage = [
      '',
      'x',
      'a.b.c',
      randomBytes(300).toString('base64url'),
      'x'.repeat(100_000),
      `${header({ alg: 'none' })}.e30.${signature}`,
      `${header({ alg: 'RS256' })}.e30.${signature}`,
      `${header({ kid: 'x' })}.e30.${signature}`,
      `${header({ typ: 'JWT' })}.e30.${signature}`,
      `${header({ crit: ['x'] })}.e30.${signature}`,
      `${header({})}.e30.${signature}=`,
    ]
    for (const length of [1, 2, 32, 63, 65, 72, 128, 256])
      garbage.push(`${header({})}.e30.${base64Url(randomBytes(length))}`)
    for (const token of garbage) await expectRefused(verifier, token)
    expect(crypto.verifications).toBe(0)
  })

  test('does not read claims before the signature is verified', async () => {
    const verifier = verifierOf(countingKeySet(key))
    const token = `${base64Url(JSON.stringify(genuineHeader(key)))}.${base64Url('[[[[')}.${base64Url(randomBytes(64))}`
    await expect(verifier.verify(token)).rejects.toMatchObject({ reason: 'the signature is wrong' })
  })

  test('keeps cached tokens when an unchanged key set is fetched again', async () => {
    let time = now
    let fetches = 0
    const verifier = createVerifier({
      issuer,
      audience,
      clock: () => time,
      fetch: () => {
        fetches += 1
        return Promise.resolve(Response.json({ keys: [key.publicJwk] }))
      },
    })
    const token = issueToken(key, { exp: nowSeconds + 3600 })
    await verifier.verify(token)
    time += 15 * 60_000
    await verifier.verify(token)
    expect(fetches).toBe(2)
    expect(crypto.verifications).toBe(1)
  })

  test('garbage displaces no genuine token from the cache', async () => {
    const verifier = verifierOf(countingKeySet(key), { cacheSize: 1 })
    const token = issueToken(key)
    await verifier.verify(token)
    for (let count = 0; count < 100; count += 1) await expectRefused(verifier, `${token}${count}`)
    await verifier.verify(token)
    expect(crypto.verifications).toBe(1)
  })
})
