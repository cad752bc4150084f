import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  emailSchema,
  lineSchema,
  nameSchema,
  profileResponseSchema,
  profileUpdateSchema,
  withoutInvisible,
} from './user.ts'

describe('an email address [A11]', () => {
  it.each([
    'a@b',
    '@example.com',
    'a@',
    'a b@example.com',
    '"a b"@example.com',
    'a(b)@example.com',
    'a@[127.0.0.1]',
    'a@b@example.com',
    'a@example.com,b@example.com',
    'a@example.com;b@example.com',
    'a@example.com\r\nbcc: x@y.zz',
    'a\0@example.com',
    'a@example.com.',
    'a@-example.com',
    'a@example-.com',
    '.a@example.com',
    'a.@example.com',
    'a..b@example.com',
    ' a@example.com',
    'a@example.com ',
    'ᴬdmin@example.com',
    'a@bücher',
    'ä@bücher.example',
    'a@bü cher.example',
    'a@bücher/.example',
    'a@bü%63her.example',
    'a@bücher..example',
    'a@bücher.example.',
    'a@١٢٧.٠.٠.١',
    'a@exam\u200bpleü.com',
    `a@${'ü'.repeat(64)}.example`,
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(250)}.com`,
    'user%evil@trusted@example.com',
    '<a@example.com>',
    'a\u200b@example.com',
    'a@example.c',
    'example.coé',
    'example.com',
    '',
    'mailto:a@example.com',
  ])('%j is refused', (email) => {
    expect(emailSchema.safeParse(email).success).toBe(false)
  })

  it.each([
    ['a@example.com', 'a@example.com'],
    ['Ada.Lovelace+x@Example.COM', 'ada.lovelace+x@example.com'],
    ['a@x.example.com', 'a@x.example.com'],
    ["O'k@example.co.uk", "o'k@example.co.uk"],
    ['a@xn--fsqu00a.example', 'a@xn--fsqu00a.example'],
    ['max@bücher.example', 'max@xn--bcher-kva.example'],
    ['Max@BÜCHER.Example', 'max@xn--bcher-kva.example'],
    ['max@bu\u0308cher.example', 'max@xn--bcher-kva.example'],
    ['max@XN--BCHER-KVA.example', 'max@xn--bcher-kva.example'],
    ['a@例え.jp', 'a@xn--r8jz45g.jp'],
    // This domain has a Cyrillic letter. Its ASCII form shows that it is another domain.
    ['a@exаmple.com', 'a@xn--exmple-4nf.com'],
  ])('%j has one canonical form', (email, canonical) => {
    expect(emailSchema.parse(email)).toBe(canonical)
  })

  it('parses any text quickly, and parses its result to itself [D04]', () => {
    for (const bomb of [
      `${'a'.repeat(100_000)}!`,
      '@'.repeat(100_000),
      `${'a.'.repeat(50_000)}@x`,
      `a@${'a.'.repeat(50_000)}`,
    ])
      expect(emailSchema.safeParse(bomb).success).toBe(false)
    fc.assert(
      fc.property(fc.emailAddress(), (email) => {
        const parsed = emailSchema.safeParse(email)
        if (parsed.success) expect(emailSchema.parse(parsed.data)).toBe(parsed.data)
      }),
    )
  })
})

describe('a name', () => {
  it.each(['', '   ', 'a\nb', 'a\0', '\u202Eevil', 'a\ud800', '\u200b', 'x'.repeat(101)])(
    '%j is refused',
    (name) => {
      expect(nameSchema.safeParse(name).success).toBe(false)
    },
  )

  it.each([
    ['  Ada  ', 'Ada'],
    ['Jose\u0301', 'José'],
    ['<b>', '<b>'],
    ['李小龍', '李小龍'],
    ['","role":"admin', '","role":"admin'],
  ])('%j is kept as text [J31, A15]', (name, kept) => {
    expect(nameSchema.parse(name)).toBe(kept)
  })
})

describe('a line of text', () => {
  const line = lineSchema(5)
  it.each(['', '  ', 'a\nb', 'a\u2028b', '123456', '\u200b', 7, null])('%j is refused', (text) => {
    expect(line.safeParse(text).success).toBe(false)
  })

  it('is trimmed, normalized to NFC and limited, and the error says what is wrong', () => {
    expect(line.parse(' 12345 ')).toBe('12345')
    expect(line.parse('e\u0301')).toBe('é')
    const messageOf = (text: unknown) => line.safeParse(text).error?.issues[0]?.message
    expect(messageOf(undefined)).toBe('Fill this in.')
    expect(messageOf('')).toBe('Fill this in.')
    expect(messageOf(7)).toBe('This must be text.')
    expect(messageOf('123456')).toBe('This has at most 5 characters.')
    expect(messageOf('a\nb')).toBe('This must be one line without control characters.')
  })

  it('refuses a name of more than 100 characters and unknown fields', () => {
    expect(nameSchema.parse('x'.repeat(100))).toHaveLength(100)
    expect(profileUpdateSchema.parse({ name: ' Ada ' })).toEqual({ name: 'Ada' })
    for (const body of [{}, { name: 'Ada', roles: ['owner'] }])
      expect(profileUpdateSchema.safeParse(body).success).toBe(false)
  })

  it('removes all invisible marks from a text of another system', () => {
    expect(withoutInvisible('\u202Ea\u200Bb\u2066\uFEFF')).toBe('ab')
    expect(withoutInvisible('Jos\u00e9 \u{1F600}')).toBe('Jos\u00e9 \u{1F600}')
  })
})

describe('a user, as the API shows it', () => {
  const user = {
    id: 'u-1',
    email: 'a@example.com',
    name: 'Ada',
    roles: [],
    emailVerified: true,
    createdAt: 0,
  }

  it('has all members, and fields that are strings, numbers or booleans', () => {
    const fields = { plan: 'pro', seats: 7, isBeta: false }
    expect(profileResponseSchema.parse({ user: { ...user, fields } })).toEqual({ user: { ...user, fields } })
    expect(profileResponseSchema.parse({ user })).toEqual({ user })
    for (const name of Object.keys(user))
      expect(profileResponseSchema.safeParse({ user: { ...user, [name]: undefined } }).success, name).toBe(
        false,
      )
    for (const value of [null, {}, [], undefined])
      expect(profileResponseSchema.safeParse({ user: { ...user, fields: { plan: value } } }).success).toBe(
        false,
      )
    expect(profileResponseSchema.safeParse({}).success).toBe(false)
  })
})
