import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type AlgorithmName, algorithms } from './algorithms.ts'
import { createSigningKey } from './testing/issuer.ts'
import { bytesOf, closePrimesModulus, rocaModulus } from './testing/weak-moduli.ts'
import { importVerificationKey } from './verification-key.ts'

describe('importVerificationKey', () => {
  test('derives the algorithm from the type of key if the JWK names none', () => {
    for (const [alg, expected] of [
      ['ES256', 'ES256'],
      ['EdDSA', 'EdDSA'],
      ['RS256', 'RS256'],
    ] as const) {
      const { alg: _, ...jwk } = createSigningKey('key-1', alg).publicJwk
      expect(importVerificationKey(jwk)?.algorithm).toBe(expected)
    }
  })

  test('refuses a key whose use or key_ops is not verification', () => {
    const { publicJwk } = createSigningKey('key-1')
    for (const operations of [['verify'], ['sign', 'verify']])
      expect(importVerificationKey({ ...publicJwk, key_ops: operations })).not.toBeNull()
    for (const operations of [[], ['sign'], 'verify', null])
      expect(importVerificationKey({ ...publicJwk, key_ops: operations })).toBeNull()
  })

  test.each([undefined, null, 'key', 7, true, [], {}])('%j is not a key', (value) => {
    expect(importVerificationKey(value)).toBeNull()
  })

  describe.each(['ES256', 'EdDSA', 'RS256'] as const)('%s', (alg) => {
    const jwk: Record<string, unknown> = { ...createSigningKey('key-1', alg).publicJwk, alg }
    const numbers = { ES256: ['x', 'y'], EdDSA: ['x'], RS256: ['n', 'e'] }[alg]

    test('refuses a key of another type or on another curve', () => {
      expect(importVerificationKey(jwk)?.algorithm).toBe(alg)
      for (const kty of ['EC', 'OKP', 'RSA', 'oct', undefined, null].filter((kty) => kty !== jwk.kty))
        expect(importVerificationKey({ ...jwk, kty }), `${kty}`).toBeNull()
      for (const crv of ['P-256', 'P-384', 'Ed25519', 'X25519', null].filter((crv) => crv !== jwk.crv))
        expect(importVerificationKey({ ...jwk, crv }), `${crv}`).toBeNull()
    })

    test('requires numbers in canonical base64url, with their fixed length if there is one', () => {
      for (const name of numbers) {
        const text = String(jwk[name])
        for (const value of [undefined, null, 7, [text], '', `${text}=`, ` ${text}`, `${text}\n`, `+${text}`])
          expect(importVerificationKey({ ...jwk, [name]: value }), `${name}: ${value}`).toBeNull()
        if (alg === 'RS256') continue
        const bytes = Buffer.from(text, 'base64url')
        for (const other of [
          Buffer.concat([Buffer.alloc(1), bytes]),
          bytes.subarray(1),
          bytes.subarray(0, -1),
        ])
          expect(importVerificationKey({ ...jwk, [name]: other.toString('base64url') })).toBeNull()
      }
    })
  })

  test('requires a kid of limited length', () => {
    const jwk = createSigningKey('key-1').publicJwk
    expect(importVerificationKey(jwk)?.kid).toBe('key-1')
    for (const kid of ['', 'k'.repeat(256), 1, null, undefined])
      expect(importVerificationKey({ ...jwk, kid })).toBeNull()
  })

  test('binds a key with the algorithm Ed25519 to that name [JWT-04]', () => {
    const jwk = { ...createSigningKey('key-1', 'EdDSA').publicJwk, alg: 'Ed25519' }
    expect(importVerificationKey(jwk)?.algorithm).toBe('Ed25519')
    expect(importVerificationKey(jwk, ['EdDSA'])).toBeNull()
  })

  test('refuses an Ed25519 point of small order, which verifies forgeries [J11]', () => {
    const points = [
      '00'.repeat(32),
      `${'00'.repeat(31)}80`,
      `01${'00'.repeat(31)}`,
      `01${'00'.repeat(30)}80`,
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
      `ec${'ff'.repeat(30)}7f`,
      `ed${'ff'.repeat(30)}7f`,
      `ee${'ff'.repeat(30)}ff`,
    ]
    for (const point of points) {
      const x = Buffer.from(point, 'hex').toString('base64url')
      expect(importVerificationKey({ kty: 'OKP', crv: 'Ed25519', kid: 'key-1', x }), point).toBeNull()
    }
  })

  // A row that is added to the table needs its weak keys here, and those of its key type are tried with it.
  test.each(Object.keys(algorithms) as AlgorithmName[])('%s: refuses the weak keys of its type', (alg) => {
    const rsa = (modulusLength: number, publicExponent: number) =>
      generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey.export({ format: 'jwk' })
    const good = createSigningKey('key-1', 'RS256').publicJwk
    const weak: Record<string, object[]> = {
      EC: [{ kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) }],
      OKP: [{ kty: 'OKP', crv: 'Ed25519', x: Buffer.alloc(32).toString('base64url') }],
      RSA: [rsa(1024, 65_537), rsa(2048, 3), { ...good, n: rocaModulus(2048).toString('base64url') }],
    }
    const keys = weak[algorithms[alg].keyType] ?? []
    expect(keys.length).toBeGreaterThan(0)
    for (const jwk of keys) expect(importVerificationKey({ ...jwk, alg, kid: 'key-1' })).toBeNull()
  })

  test('RSA: accepts 2,048 to 8,192 bits, and an exponent of 65,537 or a little more', () => {
    const jwkOf = (modulusLength: number, publicExponent = 65_537) => ({
      ...generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey.export({ format: 'jwk' }),
      kid: 'key-1',
    })
    expect(importVerificationKey(jwkOf(2048))?.algorithm).toBe('RS256')
    expect(importVerificationKey(jwkOf(1024))).toBeNull()
    expect(importVerificationKey(jwkOf(2048, 3))).toBeNull()
    expect(
      importVerificationKey({ ...jwkOf(2048), n: Buffer.alloc(2000, 255).toString('base64url') }),
    ).toBeNull()
    const even = { ...jwkOf(2048), e: Buffer.from([1, 0, 2]).toString('base64url') }
    expect(importVerificationKey(even)).toBeNull()
  })

  test('RSA: refuses a modulus whose factors can be found [S18]', () => {
    const jwk = { ...createSigningKey('key-1', 'RS256').publicJwk }
    expect(importVerificationKey(jwk)).not.toBeNull()
    const honest = Buffer.from(String(jwk.n), 'base64url')
    const withSmallFactor = BigInt(`0x${honest.toString('hex')}`) * 3n
    const weak: Record<string, Buffer> = {
      'ROCA (CVE-2017-15361)': rocaModulus(2048),
      'ROCA again': rocaModulus(2048),
      'close primes (CVE-2022-26320)': closePrimesModulus(),
      'a small factor': bytesOf(withSmallFactor),
      'an even number': bytesOf(BigInt(`0x${honest.toString('hex')}`) - 1n),
    }
    for (const [name, n] of Object.entries(weak))
      expect(importVerificationKey({ ...jwk, n: n.toString('base64url') }), name).toBeNull()
  })
})
