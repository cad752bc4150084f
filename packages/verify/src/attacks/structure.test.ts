import { describe, expect, test } from 'vitest'
import {
  base64Url,
  createSigningKey,
  genuineClaims,
  genuineHeader,
  issueToken,
  signBytes,
  signParts,
} from '../testing/issuer.ts'
import { expectRefused, refusalOf } from '../testing/refusal.ts'
import { countingKeySet, verifierOf } from '../testing/verifier.ts'

const key = createSigningKey('key-1')
const keySet = countingKeySet(key)
const verifier = verifierOf(keySet)
const genuine = issueToken(key)
const header = JSON.stringify(genuineHeader(key))
const payload = JSON.stringify(genuineClaims())

describe('a token must have exactly three parts [J14, JWT-06]', () => {
  const [first = '', second = '', third = ''] = genuine.split('.')
  const shapes = [
    '',
    '.',
    '..',
    '...',
    '....',
    'a..b',
    first,
    `${first}.${second}`,
    `${genuine}.`,
    `.${genuine}`,
    `${genuine}.x`,
    `${genuine}.${genuine}`,
    `.${second}.${third}`,
    `${first}..${third}`,
    `${first}.${second}.`,
    // JSON serializations (RFC 7515 section 7.2)
    JSON.stringify({ protected: first, payload: second, signature: third }),
    JSON.stringify({ payload: second, signatures: [{ protected: first, signature: third }] }),
    `{"payload":"${second}","x":"${first}.${second}.${third}"}`,
    // A JWE has five parts
    `${base64Url('{"alg":"dir","enc":"A256GCM"}')}..${base64Url('iv-iv-iv-iv-')}.${second}.${third}`,
    `${first}.${second}.${third}.${second}.${third}`,
  ]
  test.each(shapes.map((shape) => [shape.slice(0, 30) + shape.length, shape]))(
    '%s',
    async (_label, shape) => {
      await expectRefused(verifier, shape)
    },
  )

  test('refuses a nested token with a right signature', async () => {
    await expectRefused(verifier, signParts(header, genuine, key))
    await expectRefused(verifier, signParts(header, JSON.stringify(genuine), key))
  })

  test('refuses a list or another value instead of a token', async () => {
    for (const value of [[genuine], { token: genuine }, null, undefined, 1, true, Buffer.from(genuine)])
      await expectRefused(verifier, value as unknown as string)
  })
})

describe('header and payload must be JSON objects in UTF-8 [J15, JWT-10]', () => {
  const utf16 = (text: string) => Buffer.from(text, 'utf16le')
  const bom = Buffer.from([0xef, 0xbb, 0xbf])
  const texts = [
    '[]',
    '"x"',
    '1',
    'null',
    'true',
    '',
    ' ',
    '{',
    '{}',
    '{"a":1,}',
    "{'a':1}",
    '{"a":NaN}',
    '{}{}',
    'undefined',
    '{"a":1}//',
  ]
  test.each(texts)('refuses %j as header and as payload, with a right signature', async (text) => {
    await expectRefused(verifier, signParts(text, payload, key))
    await expectRefused(verifier, signParts(header, text, key))
  })

  test('refuses trailing bytes after the object, with a right signature', async () => {
    for (const extra of ['x', '\u0000', '{}', ',']) {
      await expectRefused(verifier, signParts(header + extra, payload, key))
      await expectRefused(verifier, signParts(header, payload + extra, key))
    }
  })

  test('refuses a byte order mark, UTF-16 and invalid UTF-8, with a right signature', async () => {
    const broken = [
      Buffer.from([0xff]),
      Buffer.from([0xc0, 0xaf]),
      Buffer.from([0xed, 0xa0, 0x80]),
      Buffer.from([0xf4, 0x90, 0x80, 0x80]),
      Buffer.from([0xc3]),
    ]
    const inside = (text: string, bytes: Buffer) =>
      Buffer.concat([Buffer.from(`${text.slice(0, -1)},"x":"`), bytes, Buffer.from('"}')])
    const forms: [Buffer, Buffer][] = [
      [Buffer.concat([bom, Buffer.from(header)]), Buffer.from(payload)],
      [Buffer.from(header), Buffer.concat([bom, Buffer.from(payload)])],
      [utf16(header), Buffer.from(payload)],
      [Buffer.from(header), utf16(payload)],
      ...broken.flatMap((bytes): [Buffer, Buffer][] => [
        [inside(header, bytes), Buffer.from(payload)],
        [Buffer.from(header), inside(payload, bytes)],
      ]),
    ]
    for (const [head, body] of forms) await expectRefused(verifier, signParts(head, body, key))
    await expect(
      verifier.verify(signParts(inside(header, Buffer.from('é')), inside(payload, Buffer.from('é')), key)),
    ).resolves.toBeDefined()
  })

  test('refuses lone surrogates in identifiers, with a right signature', async () => {
    for (const name of ['sub', 'sid', 'jti', 'org']) {
      const text = JSON.stringify(genuineClaims({ [name]: 'X' })).replace('"X"', '"\\ud800"')
      await expectRefused(verifier, signParts(header, text, key))
    }
  })

  test('refuses fifty thousand levels of nesting, and as many as fit', async () => {
    for (const depth of [17, 1000, 2900, 50_000]) {
      const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`
      await expectRefused(verifier, signParts(`${header.slice(0, -1)},"x":${nested}}`, payload, key))
      await expectRefused(verifier, signParts(header, `${payload.slice(0, -1)},"x":${nested}}`, key))
      await expectRefused(verifier, signParts(header, '['.repeat(depth), key))
    }
    await expect(
      verifier.verify(signParts(header, `${payload.slice(0, -1)},"x":[[{"a":[]}]]}`, key)),
    ).resolves.toBeDefined()
  })
})

describe('no duplicate members, in any spelling [J16, JWT-22]', () => {
  const twice: [string, string, string][] = [
    ['alg', header.replace('{', '{"alg":"none",'), payload],
    ['alg, last', header.replace('}', ',"alg":"none"}'), payload],
    ['kid', header.replace('{', '{"kid":"other",'), payload],
    ['typ, escaped', header.replace('{', '{"t\\u0079p":"JWT",'), payload],
    ['sub', header, payload.replace('{', '{"sub":"user-2",')],
    ['sub, escaped', header, payload.replace('{', '{"\\u0073ub":"user-2",')],
    ['exp', header, payload.replace('}', ',"exp":9999999999}')],
    ['exp, spaced', header, payload.replace('}', ', "exp" \n:\t1}')],
    ['the same name', header, payload.replace('{', '{"sub":"user-1",')],
    ['nested', header, payload.replace('}', ',"x":{"y":[{"a":1,"a":2}]}}')],
    ['an escaped quote in the name', header, payload.replace('}', ',"a\\"b":1,"a\\"b":2}')],
    ['__proto__', header, payload.replace('}', ',"__proto__":1,"__proto__":2}')],
  ]
  test.each(twice)('refuses %s, with a right signature', async (_name, head, body) => {
    await expectRefused(verifier, signParts(head, body, key))
  })

  test('accepts equal names in different objects, and names that look like values', async () => {
    const extra = ',"x":{"sub":1,"y":{"sub":2}},"z":["sub","sub:","\\"sub\\":","{","}"],"w":"\\\\"}'
    const body = payload.replace(/}$/, extra)
    await expect(verifier.verify(signParts(header, body, key))).resolves.toMatchObject({ userId: 'user-1' })
  })
})

describe('claims change no prototype and add no role [J17, J31]', () => {
  test.each([
    '"__proto__":{"role":"admin","roles":["owner"],"permissions":["all"]}',
    '"constructor":{"prototype":{"role":"admin"}}',
    '"prototype":{"roles":["owner"]}',
    '"name":"\\",\\"roles\\":[\\"owner\\"]"',
    '"role":"owner","scope":"owner","groups":["owner"]',
  ])('%s', async (member) => {
    const principal = await verifier.verify(signParts(header, payload.replace('{', `{${member},`), key))
    expect(principal.roles).toEqual(['member'])
    expect(principal.permissions).toEqual([])
    expect(Object.getPrototypeOf(principal)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>).role).toBeUndefined()
  })

  test('a prototype does not replace a missing claim', async () => {
    // Older versions of Sallyport issued tokens without client_id and acr.
    const { client_id: _, acr: __, ...needed } = genuineClaims()
    for (const [name, value] of Object.entries(needed)) {
      const claims = JSON.stringify({ ...genuineClaims({ [name]: undefined }) })
      const body = claims.replace('{', `{"__proto__":${JSON.stringify({ [name]: value })},`)
      await expectRefused(verifier, signParts(header, body, key))
    }
    const body = JSON.stringify(genuineClaims({ acr: undefined })).replace(
      '{',
      '{"__proto__":{"acr":"aal2"},',
    )
    expect((await verifier.verify(signParts(header, body, key))).acr).toBeUndefined()
  })
})

describe('the size is checked first [J18, JWT-24]', () => {
  test.each([8193, 64 * 1024, 1024 * 1024, 16 * 1024 * 1024])(
    'refuses %i characters, with a right signature',
    async (size) => {
      const before = keySet.lookups.length
      const padding = 'x'.repeat(Math.ceil(size * 0.75))
      const token = issueToken(key, { padding })
      expect(token.length).toBeGreaterThan(size)
      await expectRefused(verifier, token)
      await expectRefused(verifier, 'A'.repeat(size))
      await expectRefused(verifier, '.'.repeat(size))
      expect(
        (await refusalOf(verifier.authenticate({ headers: { authorization: `Bearer ${token}` } }))).code,
      ).toBe('token_invalid')
      expect(
        (
          await refusalOf(
            verifier.authenticate({ headers: { cookie: `__Host-accessToken=${token}` }, method: 'GET' }),
          )
        ).code,
      ).toBe('token_invalid')
      expect(keySet.lookups).toHaveLength(before)
    },
  )

  test('accepts a token just under the limit', async () => {
    let token = issueToken(key, { padding: 'x'.repeat(5500) })
    expect(token.length).toBeLessThan(8192)
    await expect(verifier.verify(token)).resolves.toBeDefined()
    token = `${token.slice(0, 40)}${token.slice(41)}`
    await expectRefused(verifier, token)
  })
})

test('refuses one flipped bit in any part [JWT-05]', async () => {
  const bytes = genuine.split('.').map((part) => Buffer.from(part, 'base64url'))
  for (const [at, part] of bytes.entries()) {
    for (let index = 0; index < part.length; index += 7) {
      const flipped = Buffer.from(part)
      flipped[index] = (flipped[index] ?? 0) ^ 1
      await expectRefused(verifier, bytes.with(at, flipped).map(base64Url).join('.'))
    }
  }
  expect(signBytes('x', key)).toHaveLength(64)
})
