import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { audience, createSigningKey, issuer, issueToken, type Json, now } from '../testing/issuer.ts'
import { expectRefused } from '../testing/refusal.ts'
import { countingKeySet, verifierOf } from '../testing/verifier.ts'
import { createVerifier } from '../verifier.ts'

const key = createSigningKey('key-1')
const attacker = createSigningKey('key-1')

describe('uses the kid only as a name to look up [J05, JWT-14]', () => {
  const kids: unknown[] = [
    '../../../../dev/null',
    '/dev/null',
    '/proc/self/environ',
    'C:\\Windows\\win.ini',
    'file:///dev/null',
    'http://127.0.0.1:9/k',
    "' OR 1=1--",
    "x' UNION SELECT 'key'--",
    '$(id)',
    '|id',
    'key-1\u0000',
    '\u0000',
    'k'.repeat(100_000),
    'k'.repeat(256),
    { $ne: '' },
    [],
    ['key-1'],
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '',
    undefined,
    null,
    0,
    'KEY-1',
    ' key-1',
    'retired-key',
  ]
  test.each(kids.map((kid) => [String(JSON.stringify(kid)).slice(0, 40), kid]))(
    'kid %s',
    async (_label, kid) => {
      const keySet = countingKeySet(key)
      const verifier = verifierOf(keySet)
      await expectRefused(verifier, issueToken(key, {}, { kid } as Json))
      expect(keySet.signatures).toBe(0)
      await expect(verifier.verify(issueToken(key))).resolves.toBeDefined()
    },
  )

  test("refuses another issuer's key under the same kid [J05, J26]", async () => {
    await expectRefused(verifierOf(countingKeySet(key)), issueToken(attacker))
  })
})

describe('a flood of unknown kids [J06]', () => {
  test('causes one fetch of the key set in a cool-down, and genuine tokens stay accepted', async () => {
    let fetches = 0
    let time = now
    const verifier = createVerifier({
      issuer,
      audience,
      clock: () => time,
      fetch: async () => {
        fetches += 1
        return Response.json({ keys: [key.publicJwk] })
      },
    })
    await verifier.verify(issueToken(key))
    expect(fetches).toBe(1)
    // The token is not signed, because this test is only about the search for the kid.
    const genuine = issueToken(key)
    const flood = Array.from({ length: 10_000 }, (_, index) =>
      genuine.replace(
        /^[^.]+/,
        Buffer.from(JSON.stringify({ alg: 'ES256', kid: `random-${index}`, typ: 'at+jwt' })).toString(
          'base64url',
        ),
      ),
    )
    for (const [index, token] of flood.entries()) {
      time = now + index * 0.1
      await expectRefused(verifier, token)
    }
    expect(fetches).toBe(1)
    time = now + 30_000
    await Promise.all(flood.slice(0, 100).map((token) => expectRefused(verifier, token)))
    expect(fetches).toBe(2)
    await expect(verifier.verify(issueToken(key, { jti: 'another' }))).resolves.toBeDefined()
    expect(fetches).toBe(2)
  })
})

describe('ignores keys in the token itself [J07, JWT-15]', () => {
  const good = countingKeySet(key)
  const headers: Json[] = [
    { jku: 'http://attacker.example/jwks.json' },
    { jku: `${issuer}/redirect?to=http://attacker.example/jwks.json` },
    { jku: 'http://localhost:4000@attacker.example/jwks.json' },
    { jku: `${issuer}/.well-known/jwks.json#http://attacker.example` },
    { x5u: 'http://attacker.example/cert.pem' },
    { x5c: [base64Der()] },
    { x5t: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA' },
    { 'x5t#S256': 'AAAA' },
  ]

  function base64Der(): string {
    return attacker.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  }

  test.each(headers)('neither fetches nor uses %j', async (header) => {
    const verifier = verifierOf(good)
    for (const kid of ['key-1', 'attacker-key', undefined])
      await expectRefused(verifier, issueToken(attacker, {}, { ...header, kid } as Json))
  })

  test.each(['jku', 'x5u'])('does not connect to the server in %s', async (member) => {
    let connections = 0
    const server = createServer((_req, res) => res.end(JSON.stringify({ keys: [attacker.publicJwk] })))
    server.on('connection', () => {
      connections += 1
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const url = `http://127.0.0.1:${port}/jwks.json`
    const verifier = verifierOf(good, { fetch: globalThis.fetch })
    await expectRefused(verifier, issueToken(attacker, {}, { [member]: url }))
    await expectRefused(verifier, issueToken(attacker, {}, { [member]: url, kid: url }))
    await new Promise((resolve) => server.close(resolve))
    expect(connections).toBe(0)
  })
})

test('ignores a key embedded in the header, with any kid [J08]', async () => {
  const keySet = countingKeySet(key)
  const verifier = verifierOf(keySet)
  for (const kid of ['key-1', 'embedded', undefined])
    await expectRefused(verifier, issueToken(attacker, {}, { jwk: attacker.publicJwk, kid } as Json))
  // The member is ignored. The token is not refused, because a genuine issuer may include its key.
  await expect(verifier.verify(issueToken(key, {}, { jwk: attacker.publicJwk }))).resolves.toBeDefined()
})
