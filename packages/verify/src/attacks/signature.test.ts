import { describe, expect, test } from 'vitest'
import { createSigningKey, genuineClaims, genuineHeader, issueToken, signParts } from '../testing/issuer.ts'
import { expectRefused, refusalOf } from '../testing/refusal.ts'
import { countingKeySet, verifierOf } from '../testing/verifier.ts'

const key = createSigningKey('key-1')
const edwards = createSigningKey('key-ed', 'EdDSA')
const algorithms = ['ES256', 'EdDSA'] as const
const keySet = countingKeySet(key, edwards)
const verifier = verifierOf(keySet, { algorithms })

const genuine = issueToken(key)
const [input, signature] = splitSignature(genuine)

/** The group orders of P-256 and Ed25519. */
const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const p = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn
const l = 2n ** 252n + 27742317777372353535851937790883648493n

function splitSignature(token: string): [input: string, signature: Buffer] {
  const at = token.lastIndexOf('.')
  return [token.slice(0, at), Buffer.from(token.slice(at + 1), 'base64url')]
}

function withSignature(bytes: Uint8Array): string {
  return `${input}.${Buffer.from(bytes).toString('base64url')}`
}

function bigEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
}

function littleEndian(value: bigint): Buffer {
  return bigEndian(value).reverse()
}

describe('refuses psychic signatures [J10]', () => {
  const r = BigInt(`0x${signature.subarray(0, 32).toString('hex')}`)
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`)
  const values = {
    0: 0n,
    1: 1n,
    'n-1': n - 1n,
    n,
    'n+1': n + 1n,
    p,
    'p-1': p - 1n,
    max: 2n ** 256n - 1n,
    r,
    s,
  }
  const names = Object.entries(values)
  test.each(names)('r = %s with every s', async (_name, first) => {
    for (const [, second] of names) {
      if (first === r && second === s) continue
      await expectRefused(verifier, withSignature(Buffer.concat([bigEndian(first), bigEndian(second)])))
    }
  })

  test('an all-zero Ed25519 signature, and R = identity with S = 0', async () => {
    const [edwardsInput] = splitSignature(issueToken(edwards))
    for (const bytes of [Buffer.alloc(64), Buffer.concat([littleEndian(1n), Buffer.alloc(32)])])
      await expectRefused(verifier, `${edwardsInput}.${bytes.toString('base64url')}`)
  })
})

describe('refuses other forms of a signature [J11]', () => {
  test('other lengths', async () => {
    for (const length of [1, 2, 31, 32, 63, 65, 66, 96, 128, 256])
      await expectRefused(verifier, withSignature(Buffer.alloc(length, 1)))
  })

  test('DER, truncated, and with zero bytes before, between and after', async () => {
    const [half, other] = [signature.subarray(0, 32), signature.subarray(32)]
    const zero = Buffer.alloc(1)
    const integer = (bytes: Buffer) => {
      const body = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([zero, bytes]) : bytes
      return Buffer.concat([Buffer.from([2, body.length]), body])
    }
    const body = Buffer.concat([integer(half), integer(other)])
    const forms = {
      der: Buffer.concat([Buffer.from([0x30, body.length]), body]),
      truncated: signature.subarray(0, 63),
      before: Buffer.concat([zero, signature]),
      after: Buffer.concat([signature, zero]),
      padded: Buffer.concat([zero, half, zero, other]),
      twice: Buffer.concat([signature, signature]),
      swapped: Buffer.concat([other, half]),
      r: half,
    }
    for (const bytes of Object.values(forms)) await expectRefused(verifier, withSignature(bytes))
    await expectRefused(verifier, `${input}.`)
  })

  test('Ed25519: S + L, another spelling of the same number', async () => {
    const token = issueToken(edwards)
    const [edwardsInput, bytes] = splitSignature(token)
    const s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`)
    const forged = Buffer.concat([bytes.subarray(0, 32), littleEndian(s + l)])
    await expect(verifier.verify(token)).resolves.toBeDefined()
    await expectRefused(verifier, `${edwardsInput}.${forged.toString('base64url')}`)
  })
})

test('refuses a revoked token under its other valid signature (r, n-s) [J12]', async () => {
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`)
  const twin = withSignature(Buffer.concat([signature.subarray(0, 32), bigEndian(n - s)]))
  const own = verifierOf(countingKeySet(key))
  expect(twin).not.toBe(genuine)
  await expect(own.verify(genuine)).resolves.toBeDefined()
  // This signature is valid too. So revocation must not compare the text of tokens.
  await expect(own.verify(twin)).resolves.toBeDefined()
  own.revokeLocally({ sid: 'session-1' })
  for (const token of [genuine, twin])
    expect(await refusalOf(own.verify(token))).toMatchObject({ code: 'session_ended' })
})

describe('a token has one spelling [J13, JWT-19, JWT-23]', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

  function lastCharacterVariants(part: string): string[] {
    const unusedBits = part.length % 4 === 2 ? 4 : part.length % 4 === 3 ? 2 : 0
    const last = alphabet.indexOf(part.at(-1) ?? '')
    return Array.from({ length: 2 ** unusedBits - 1 }, (_, index) => {
      return part.slice(0, -1) + alphabet[(last & ~(2 ** unusedBits - 1)) | (index + 1)]
    })
  }

  test('refuses unused bits in the last character of each part', async () => {
    const tokens = ['a', 'ab', 'abc'].map((jti) => issueToken(key, { jti }))
    const forged = tokens.flatMap((token) => {
      const parts = token.split('.')
      return parts.flatMap((part, at) =>
        lastCharacterVariants(part).map((variant) => parts.with(at, variant).join('.')),
      )
    })
    expect(forged.length).toBeGreaterThan(30)
    for (const token of forged) {
      const decoded = token.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'))
      expect(
        tokens.map((one) => one.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'))),
      ).toContainEqual(decoded)
      await expectRefused(verifier, token)
    }
  })

  test('refuses padding, the other alphabet, whitespace, encoded and look-alike dots', async () => {
    const [header = '', payload = '', last = ''] = genuine.split('.')
    const whole = signParts(
      JSON.stringify(genuineHeader(key)),
      `${JSON.stringify(genuineClaims({ jti: '???>>>~~~' }))}`,
      key,
    )
    expect(whole).toMatch(/[-_]/)
    await expect(verifier.verify(whole)).resolves.toBeDefined()
    const forged = [
      ...['=', '==', '===', '\n', ' ', '\t', '\r\n', '\u0000', '%00', '\u200b', '\ufeff'].flatMap((extra) => [
        `${genuine}${extra}`,
        `${extra}${genuine}`,
        `${header}${extra}.${payload}.${last}`,
        `${header}.${payload}${extra}.${last}`,
        `${header}.${payload.slice(0, 8)}${extra}${payload.slice(8)}.${last}`,
      ]),
      whole.replaceAll('-', '+').replaceAll('_', '/'),
      genuine.replaceAll('.', '%2E'),
      genuine.replaceAll('.', '\u3002'),
      genuine.replaceAll('.', '\uff0e'),
      genuine.replaceAll('.', '\u2024'),
      `Bearer ${genuine}`,
      `"${genuine}"`,
    ]
    for (const token of forged) await expectRefused(verifier, token)
  })

  test('refuses the token of a revoked session in every spelling', async () => {
    const own = verifierOf(countingKeySet(key))
    await own.verify(genuine)
    own.revokeLocally({ sid: 'session-1' })
    expect(await refusalOf(own.verify(genuine))).toMatchObject({ code: 'session_ended' })
    for (const variant of [`${genuine}=`, `${genuine} `, ...lastCharacterVariants(genuine)])
      expect((await refusalOf(own.verify(variant))).status).toBe(401)
  })
})
