import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  base64Url,
  createSigningKey,
  genuineClaims,
  genuineHeader,
  issueToken,
  type Json,
  signParts,
} from '../testing/issuer.ts'
import { expectRefused } from '../testing/refusal.ts'
import { countingKeySet, verifierOf } from '../testing/verifier.ts'

const key = createSigningKey('key-1')
const edwards = createSigningKey('key-ed', 'EdDSA')
const rsa = createSigningKey('key-rsa', 'RS256')
const keySet = countingKeySet(key, edwards, rsa)
/** Allows all algorithms. So tokens are refused because of the key's algorithm, not because of the list of allowed algorithms. */
const verifier = verifierOf(keySet, { algorithms: ['ES256', 'EdDSA', 'Ed25519', 'RS256'] })
const payload = JSON.stringify(genuineClaims())

test('accepts the genuine tokens that the forgeries are made from', async () => {
  for (const genuine of [key, edwards, rsa]) await verifier.verify(issueToken(genuine))
})

describe('refuses tokens without an algorithm [J01, JWT-01]', () => {
  const names = ['none', 'None', 'NONE', 'nOnE', 'none ', '', null, undefined, 0, [], { a: 1 }]
  test.each(names.map((alg) => [JSON.stringify(alg) ?? 'absent', alg]))('alg %s', async (_label, alg) => {
    const header = JSON.stringify({ ...genuineHeader(key), alg })
    const [, , signature] = issueToken(key).split('.')
    const input = `${base64Url(header)}.${base64Url(payload)}`
    const before = keySet.signatures
    for (const token of [`${input}.`, `${input}.${signature}`, input, signParts(header, payload, key)])
      await expectRefused(verifier, token)
    expect(keySet.signatures).toBe(before)
  })
})

describe('refuses HMACs with the public key as secret [J02]', () => {
  const { publicJwk, publicKey } = key
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const der = publicKey.export({ type: 'spki', format: 'der' })
  const x = Buffer.from(String(publicJwk.x), 'base64url')
  const y = Buffer.from(String(publicJwk.y), 'base64url')
  const secrets: Record<string, string | Buffer> = {
    pem,
    'pem without its last newline': pem.trimEnd(),
    der,
    'raw x||y': Buffer.concat([x, y]),
    'raw point': Buffer.concat([Buffer.from([4]), x, y]),
    'x alone': x,
    'jwk text': JSON.stringify(publicJwk),
    'jwks text': JSON.stringify({ keys: [publicJwk] }),
    'ed25519 x': Buffer.from(String(edwards.publicJwk.x), 'base64url'),
  }
  const spellings = Object.entries(secrets).flatMap(([name, secret]) => [
    [name, secret] as const,
    [`base64 of ${name}`, Buffer.from(secret).toString('base64')] as const,
    [`base64url of ${name}`, Buffer.from(secret).toString('base64url')] as const,
  ])
  test.each(spellings)('%s', async (_name, secret) => {
    for (const bits of [256, 384, 512]) {
      for (const kid of ['key-1', 'key-ed', 'key-rsa']) {
        for (const alg of [`HS${bits}`, 'ES256']) {
          const input = `${base64Url(JSON.stringify(genuineHeader(key, { alg, kid })))}.${base64Url(payload)}`
          await expectRefused(
            verifier,
            `${input}.${createHmac(`sha${bits}`, secret).update(input).digest('base64url')}`,
          )
        }
      }
    }
  })
})

describe('a key is for one algorithm [J03, JWT-02]', () => {
  const labels = ['ES384', 'ES256K', 'ES512', 'EdDSA', 'Ed25519', 'RS256', 'PS256', 'ES256', 'Ed448']
  test.each([key, edwards, rsa])(
    'refuses a right signature by $kid under another algorithm',
    async (signer) => {
      for (const alg of labels.filter((label) => label !== signer.alg))
        await expectRefused(verifier, issueToken(signer, {}, { alg }))
    },
  )

  test('refuses a token with the kid of a key for another algorithm', async () => {
    for (const signer of [key, edwards, rsa]) {
      for (const other of [key, edwards, rsa].filter((candidate) => candidate !== signer)) {
        await expectRefused(verifier, issueToken(signer, {}, { kid: other.kid }))
        await expectRefused(verifier, issueToken(signer, {}, { kid: other.kid, alg: other.alg }))
      }
    }
  })
})

test.each([
  'es256',
  'Es256',
  'ES256 ',
  ' ES256',
  'ES256\u0000',
  'EDDSA',
  'eddsa',
  'ed25519',
  'rs256',
  'ＥＳ256',
])('%j is not the name of an algorithm [J04, JWT-03]', async (alg) => {
  for (const signer of [key, edwards, rsa])
    await expectRefused(verifier, issueToken(signer, {}, { alg } as Json))
})
