import { randomBytes, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isProduction } from './production.ts'
import { credentialToSend, faultOfCredential, faultOfSecret, howToMakeASecret } from './secret.ts'

const good = 'eXVBNNLpfktJ-jXkuYp3Rtt89rLr-e0ZqjXfhRBo_s8'
const text = (words: string) => Buffer.from(words)

describe('refuses a secret that can be guessed, and says how to make one [S17]', () => {
  it.each([
    ['THIS_SHOULD_NEVER_BE_THE_KEY_IN_PRODUCTION', /consists of words/],
    ['<random_string_at_least_32_characters_long>', /placeholder/],
    ['django-insecure-k#9v!2xq7&m0z$w4c(8n)1b^5h@3j*6l+y', /placeholder/],
    ['django-insecure-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', /placeholder/],
    ['complex_password_at_least_32_characters_long', /guessed/],
    ['Th1s_1s_my_s3cr3t_k3y_f0r_pr0duct10n', /guessed/],
    ['correct horse battery staple orange violin', /guessed/],
    ['ThisIsMySuperSecretKeyForJwt1234567', /guessed/],
    ['your-256-bit-key-goes-right-here-ok', /placeholder/],
    [`\${SALLYPORT_SECRET:-${good}}`, /placeholder/],
    ['abcdefghijklmnopqrstuvwxyz0123456789', /guessed/],
    ['qwertyuiopasdfghjklzxcvbnm1234567890', /guessed/],
    ['1q2w3e4r5t6y7u8i9o0p1q2w3e4r5t6y', /guessed/],
    ['a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6', /guessed/],
    ['00112233445566778899aabbccddeeff', /guessed/],
    ['xkcd7xkcd7xkcd7xkcd7xkcd7xkcd7xkcd7', /guessed/],
    ['deadbeefdeadbeefdeadbeefdeadbeef', /guessed/],
    [Buffer.alloc(32).toString('base64'), /guessed/],
    [Buffer.alloc(32).toString('hex'), /guessed/],
    [Buffer.alloc(32, 0xff).toString('base64url'), /guessed/],
    [Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64'), /guessed/],
    [text('this is my secret key for production').toString('base64'), /guessed/],
    [text('this is the secret of the server').toString('hex'), /guessed/],
    [text(text('my secret key for everything').toString('base64')).toString('base64'), /guessed/],
    ['18244b4d803730d5143e265cb89ec79', /at least 32 characters/],
    ['', /empty/],
    ['   ', /empty/],
    [` ${good}`, /white space/],
    [`${good}\r`, /white space/],
    [`"${good}"`, /quotes/],
    [`'${good}'`, /quotes/],
  ])('%j [J28, JWT-08]', (secret, reason) => {
    const fault = faultOfSecret(secret) ?? ''
    expect(fault).toMatch(reason)
    expect(fault).toContain(howToMakeASecret)
    if (secret.trim() !== '') expect(fault).not.toContain(secret)
    expect(faultOfCredential(secret)).toBe(fault)
  })

  it.each([
    ['FastAPI’s documentation', '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7'],
    ['the same in capitals', '09D25E094FAA6CA2556C818166B7A9563B93F7099F6F0F4CAA6CF63B88E8D3E7'],
    ['Flask’s documentation', '192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf'],
    ['a Spring tutorial', '404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970'],
    ['Supabase’s compose file', 'UpNVntn3cDxHJpq99YMc1T1AQgQpc8kfYTuRgBiYa15BLrx8etQoXz3gZv1/u2oq'],
    ['Directus’s documentation', '255d861b-5ea1-5996-9aa3-922530ec40b1'],
    ['APISIX’s configuration', 'edd1c9f034335f136f87ad84b625c8f1'],
    ['Redash’s source', 'c292a0a3aa32397cdb050e233733900f'],
  ])('refuses a published secret: %s', (_, secret) => {
    expect(faultOfSecret(secret)).toMatch(/published/)
  })

  it.each([
    ...['${NAME}', '{{ name }}', '%NAME%', 'django-insecure', 'change-me', 'changethis', 'CHANGE_IT'],
    ...['replace me', 'replace_this', 'ReplaceWith', 'placeholder', 'place-holder', 'Place Holder'],
    ...['your-256', 'your_own', 'YOUR SUPER', 'yoursecret', 'insert-your', 'put_the', 'enter a', 'pastehere'],
    ...['todo-', 'TODO_', 'example', 'tutorial'],
  ])('refuses random text that contains %s as a placeholder', (words) => {
    expect(faultOfSecret(`${good}${words}${good}`)).toMatch(/placeholder/)
  })

  it('refuses a text in brackets as a placeholder and a text in quotes as a mistake, but accepts single ones', () => {
    for (const whole of [`<${good}>`, `[${good}]`]) expect(faultOfSecret(whole)).toMatch(/placeholder/)
    expect(faultOfSecret(`\`${good}\``)).toMatch(/quotes/)
    for (const text of ['<x', '>', '[x', ']', '{', '%x', 'x%', 'change', 'your'])
      for (const secret of [`${text}${good}`, `${good}${text}`])
        expect(faultOfSecret(secret), secret).toBeNull()
    for (const quote of ['"', "'", '`'])
      for (const secret of [
        `${quote}${good}`,
        `${good}${quote}`,
        `${quote}a${quote}${good}`,
        `${good}${quote}a${quote}`,
      ])
        expect(faultOfSecret(secret), secret).toBeNull()
    for (const secret of [`<a>${good}`, `${good}<a>`, `[a]${good}`, `${good}[a]`])
      expect(faultOfSecret(secret), secret).toBeNull()
  })

  it('refuses a credential that a header would change', () => {
    expect(faultOfCredential(`${good}é`)).toMatch(/visible ASCII/)
    expect(faultOfCredential(`${good} ${good}`)).toMatch(/visible ASCII/)
    expect(faultOfCredential(`${good}\n${good}`)).toMatch(/visible ASCII/)
  })
})

it('never refuses 32 random bytes in any alphabet, or a pair of UUIDs', () => {
  fc.assert(
    fc.property(fc.constant(null), () => {
      const bytes = randomBytes(32)
      const pair = [randomUUID(), randomUUID()]
      const forms = [
        bytes.toString('hex'),
        bytes.toString('hex').toUpperCase(),
        bytes.toString('base64'),
        bytes.toString('base64url'),
        text(bytes.toString('hex')).toString('base64'),
        pair.join(''),
        pair.join('-'),
        pair.join('').replaceAll('-', ''),
      ]
      expect(forms.filter((form) => faultOfCredential(form) !== null)).toEqual([])
    }),
    { numRuns: 100 },
  )
})

it('returns the first credential of a list, and refuses a list with an invalid one', () => {
  const other = '4f7c1d9e2b8a6350c4d1e8f7a9b2c3d45e6f708192a3b4c5d6e7f8091a2b3c4d'
  expect(credentialToSend(good)).toEqual({ credential: good })
  expect(credentialToSend(`${good}, ${other}`)).toEqual({ credential: good })
  expect(credentialToSend(`${good},short`)).toEqual({ fault: expect.stringMatching(/at least 32/) })
  expect(credentialToSend(`${good},`)).toEqual({ fault: expect.stringMatching(/empty/) })
})

it('is production by NODE_ENV or by an https URL', () => {
  expect(isProduction('http://localhost:4000', undefined)).toBe(false)
  expect(isProduction('http://localhost:4000', 'development')).toBe(false)
  expect(isProduction('http://localhost:4000', 'production')).toBe(true)
  expect(isProduction('https://auth.example.com', undefined)).toBe(true)
  expect(isProduction('https://auth.example.com', 'development')).toBe(true)
})
