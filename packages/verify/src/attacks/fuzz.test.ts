import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AuthError } from '../auth-error.ts'
import { createSigningKey, genuineClaims, genuineHeader, issueToken, signParts } from '../testing/issuer.ts'
import { countingKeySet, verifierOf } from '../testing/verifier.ts'

const key = createSigningKey('key-1')
const edwards = createSigningKey('key-ed', 'EdDSA')
const verifier = verifierOf(countingKeySet(key, edwards), { algorithms: ['ES256', 'EdDSA'] })
const tokens = [issueToken(key), issueToken(edwards)]
const token = fc.constantFrom(...tokens)

/** Returns whether a promise rejects with an AuthError. Any other error is a bug. */
async function isRefused(outcome: Promise<unknown>): Promise<boolean> {
  try {
    await outcome
    return false
  } catch (error) {
    if (error instanceof AuthError) return true
    throw error
  }
}

test('refuses a token with a replaced, removed or inserted character [J11, J13, JWT-05]', async () => {
  await fc.assert(
    fc.asyncProperty(
      token,
      fc.nat(),
      fc.string({ unit: 'binary', minLength: 0, maxLength: 2 }),
      async (genuine, place, instead) => {
        const at = place % genuine.length
        const forged = genuine.slice(0, at) + instead + genuine.slice(at + 1)
        fc.pre(forged !== genuine)
        expect(await isRefused(verifier.verify(forged))).toBe(true)
      },
    ),
    { numRuns: 1500 },
  )
})

test('refuses a token with any one character changed [J11, J13, JWT-05]', async () => {
  for (const genuine of tokens) {
    for (let at = 0; at < genuine.length; at += 1) {
      const forged = `${genuine.slice(0, at)}${genuine[at] === 'A' ? 'B' : 'A'}${genuine.slice(at + 1)}`
      expect(await isRefused(verifier.verify(forged)), `character ${at}`).toBe(true)
    }
  }
})

test('refuses a token with any flipped bit in the decoded parts [JWT-05]', async () => {
  await fc.assert(
    fc.asyncProperty(token, fc.nat(2), fc.nat(), fc.nat(7), async (genuine, part, place, bit) => {
      const parts = genuine.split('.').map((text) => Buffer.from(text, 'base64url'))
      const bytes = parts[part] ?? Buffer.alloc(1)
      const at = place % bytes.length
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
      expect(await isRefused(verifier.verify(parts.map((one) => one.toString('base64url')).join('.')))).toBe(
        true,
      )
    }),
    { numRuns: 1500 },
  )
})

test('refuses combined parts of different genuine tokens [J14]', async () => {
  const parts = [...tokens, issueToken(key, { jti: 'token-2' })].flatMap((text) => text.split('.'))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 5 }), async (chosen) => {
      const forged = chosen.join('.')
      fc.pre(!tokens.includes(forged) && forged !== parts.slice(6).join('.'))
      expect(await isRefused(verifier.verify(forged))).toBe(true)
    }),
  )
})

test('returns a valid principal or throws an AuthError for any signed content [J15, J19, J23]', async () => {
  const claims = fc.dictionary(
    fc.constantFrom(...Object.keys(genuineClaims()), 'nbf', 'org', 'permissions', '__proto__'),
    fc.jsonValue(),
    { maxKeys: 3 },
  )
  const members = fc.dictionary(
    fc.constantFrom('alg', 'kid', 'typ', 'crit', 'b64', 'jku', 'x'),
    fc.jsonValue(),
    { maxKeys: 1 },
  )
  await fc.assert(
    fc.asyncProperty(claims, members, async (changes, header) => {
      const forged = signParts(
        JSON.stringify(genuineHeader(key, header)),
        JSON.stringify(genuineClaims(changes)),
        key,
      )
      if (await isRefused(verifier.verify(forged))) return
      const principal = await verifier.verify(forged)
      expect(principal.userId).toBeTypeOf('string')
      expect(
        [...principal.roles, ...principal.permissions, ...principal.methods].every(
          (name) => typeof name === 'string',
        ),
      ).toBe(true)
      expect(Number.isSafeInteger(principal.expiresAt)).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('refuses arbitrary headers, and only with an AuthError [J29]', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string().map((rest) => `Bearer ${rest}`),
    fc.string().map((rest) => `accessToken=${rest}`),
    fc
      .array(
        fc.constantFrom(
          'Bearer',
          ' ',
          ',',
          ';',
          '=',
          '.',
          'accessToken',
          '__Host-accessToken',
          'e30',
          '"',
          '\u0000',
        ),
      )
      .map((pieces) => pieces.join('')),
  )
  const header = fc.option(fc.oneof(text, fc.array(text)), { nil: undefined })
  await fc.assert(
    fc.asyncProperty(header, header, fc.array(text), async (authorization, cookie, rawHeaders) => {
      expect(
        await isRefused(
          verifier.authenticate({ headers: { authorization, cookie }, rawHeaders, method: 'GET' }),
        ),
      ).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

test('refuses long headers that are made to slow down a pattern [D04]', async () => {
  const long = 100_000
  const attacks = [
    `Bearer ${' '.repeat(long)}`,
    `Bearer${' '.repeat(long)}x`,
    ','.repeat(long),
    `, ${' '.repeat(long)}x`,
    ', bearer'.repeat(long / 8),
    `Bearer ${'a,'.repeat(long / 2)}`,
    'Bearer '.repeat(long / 7),
  ]
  for (const authorization of attacks) {
    expect(await isRefused(verifier.authenticate({ headers: { authorization } }))).toBe(true)
    expect(
      await isRefused(verifier.authenticate({ headers: { cookie: authorization }, method: 'GET' })),
    ).toBe(true)
  }
  for (const cookie of [
    'accessToken'.repeat(long / 11),
    '='.repeat(long),
    ';'.repeat(long),
    ' ;'.repeat(long / 2),
    `accessToken${' '.repeat(long)}=`,
  ])
    expect(await isRefused(verifier.authenticate({ headers: { cookie }, method: 'GET' }))).toBe(true)
}, 5000)
