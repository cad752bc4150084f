import { describe, expect, test } from 'vitest'
import { optionsFromEnvironment, readConfig } from './config.ts'
import { settings } from './settings.ts'
import { readUserFields } from './user-fields.ts'

const options = {
  secret: 'server-7RtYh3NbVc9XzLk5JhGf2DsAqW',
  issuer: 'http://localhost:4000',
  audience: 'billing-api, billing-web',
  dataDir: '.data',
}

function complaintOf(changes: Record<string, unknown>): string {
  try {
    readConfig({ ...options, ...changes })
  } catch (error) {
    if (error instanceof TypeError) return error.message
    throw error
  }
  return ''
}

test('three settings are enough; the rest has its documented defaults', () => {
  expect(readConfig(options)).toMatchObject({
    audience: ['billing-api', 'billing-web'],
    clientId: 'first-party',
    origins: [],
    accessTokenTtlSeconds: 600,
    refreshGraceSeconds: 10,
    sessionIdleSeconds: 14 * 86_400,
    sessionAbsoluteSeconds: 90 * 86_400,
    minimumPasswordLength: 12,
    hashMemoryKibibytes: 19_456,
    hashIterations: 2,
    trustedProxyHops: 0,
    defaultRoles: ['member'],
    rolePermissions: {},
    bodyLimitBytes: 16_384,
  })
})

test('an environment says the same in text; empty counts as not set', () => {
  const read = readConfig(
    optionsFromEnvironment({
      SALLYPORT_SECRET: options.secret,
      SALLYPORT_ISSUER: options.issuer,
      SALLYPORT_AUDIENCE: 'a,b',
      SALLYPORT_ORIGINS: ' https://app.example.com , http://localhost:3000,',
      SALLYPORT_ACCESS_TOKEN_TTL_SECONDS: '60',
      SALLYPORT_ROLES: '{"finance":["report:read"]}',
      SALLYPORT_REFRESH_GRACE_SECONDS: '',
      PATH: '/bin',
    }),
  )
  expect(read).toMatchObject({
    origins: ['https://app.example.com', 'http://localhost:3000'],
    accessTokenTtlSeconds: 60,
    refreshGraceSeconds: 10,
    rolePermissions: { finance: ['report:read'] },
  })
})

test('every setting has its own variable and a sentence', () => {
  const variables = Object.values(settings).map(({ env }) => env)
  expect(new Set(variables).size).toBe(variables.length)
  for (const { description } of Object.values(settings)) expect(description).toMatch(/[.:)]$|\.$/)
})

describe('a misconfiguration is one line that says how to mend it', () => {
  test('nothing set at all: a line for each', () => {
    expect(() => readConfig({})).toThrow(TypeError)
    const lines = complaintOf({ secret: undefined, issuer: undefined, audience: undefined }).split('\n')
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      'SALLYPORT_SECRET',
      'SALLYPORT_ISSUER',
      'SALLYPORT_AUDIENCE',
    ])
    for (const line of lines) expect(line).toContain('is not set.')
  })

  test.each([
    ['short', '7RtYh3NbVc9XzLk5JhGf2DsAq'],
    ['uniform', 'a'.repeat(40)],
    ['a repetition', 'abc7'.repeat(10)],
    ['of a framework that says so', 'THIS_SHOULD_NEVER_BE_THE_KEY_IN_PRODUCTION'],
    ['a placeholder in brackets', '<random_string_at_least_32_characters_long>'],
    ['one of Django’s own', 'django-insecure-k#9v!2xq7&m0z$w4c(8n)1b^5h@3j*6l+y'],
    ['published', '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7'],
    ['base64 of zeros', Buffer.alloc(32).toString('base64')],
    ['in quotes', '"4f7c1d9e2b8a6350c4d1e8f7a9b2c3d45e6f7081"'],
    ['digits in order', '0123456789012345678901234567890123'],
    ['of a tutorial', 'a-string-secret-at-least-256-bits-long'],
    ['of another tutorial', 'qwertyuiopasdfghjklzxcvbnm123456'],
    ['of a third', 'ThisIsMySuperSecretKeyForJwt1234567'],
    ['a placeholder', 'your-256-bit-key-goes-right-here-ok'],
    ['a placeholder to be changed', 'change_me_change_me_please_do_it_now'],
  ])('S17, J28, JWT-08: a secret that is %s', (_, secret) => {
    const complaint = complaintOf({ secret })
    expect(complaint).toMatch(/^SALLYPORT_SECRET .*openssl rand -base64 32/)
    expect(complaint).not.toContain(secret)
    expect(complaintOf({ verifierSecrets: secret })).toContain('SALLYPORT_VERIFIER_SECRET')
    expect(complaintOf({ frontendSecrets: [secret] })).toContain('SALLYPORT_FRONTEND_SECRET')
    expect(complaintOf({ metricsSecret: secret })).toContain('SALLYPORT_METRICS_SECRET')
    const sound = '4f7c1d9e2b8a6350c4d1e8f7a9b2c3d45e6f708192a3b4c5d6e7f8091a2b3c4d'
    expect(complaintOf({ frontendSecrets: `${sound},${secret}` })).toContain('SALLYPORT_FRONTEND_SECRET')
  })

  test('random secrets of every usual make pass', () => {
    for (const secret of [
      '4f7c1d9e2b8a6350c4d1e8f7a9b2c3d45e6f708192a3b4c5d6e7f8091a2b3c4d',
      'kX2v9QmB7rT4wZ8nL1pS6yD3fG5hJ0cA+/uEiOoPqR4=',
      'ssssssss0d9f6a1c-2f4b-4c8e-9a37-5b1e8c7d6f20',
    ])
      expect(complaintOf({ secret })).toBe('')
  })

  test('a secret that is being replaced: the new one, then the old one', () => {
    const other = 'server-Qw8LpZ3xVn5RtYk7MbHcJd2GfS'
    for (const secret of [
      `${other},${options.secret}`,
      ` ${other} , ${options.secret} `,
      [other, options.secret],
    ])
      expect(readConfig({ ...options, secret }).secret).toEqual([other, options.secret])
    expect(readConfig(options).secret).toEqual([options.secret])
    // A weak secret must be replaceable: it may be the old one, and not the new one.
    const weak = 'a'.repeat(40)
    expect(readConfig({ ...options, secret: [other, weak] }).secret).toEqual([other, weak])
    expect(complaintOf({ secret: `${weak},${other}` })).toContain('SALLYPORT_SECRET')
    for (const [secret, complaint] of [
      [`${other},`, 'an old secret that is shorter than 32 characters'],
      [`,${other}`, 'is empty'],
      [`${other},short`, 'an old secret that is shorter than 32 characters'],
      [`${other},${other}`, 'the same secret twice'],
      [[...'abcd'].map((letter) => letter + other).join(), 'more than 3 secrets'],
      ['', 'is empty'],
      [[], 'is empty'],
    ] as const) {
      const found = complaintOf({ secret: secret as string })
      expect(found).toContain(complaint)
      expect(found).toContain('SALLYPORT_SECRET')
      expect(found).not.toContain(other)
    }
    expect(complaintOf({ secret: `${other},${options.secret}`, verifierSecrets: options.secret })).toContain(
      'must differ from one another',
    )
  })

  test('secrets that are equal to one another', () => {
    expect(complaintOf({ verifierSecrets: options.secret })).toContain('must differ from one another')
    const twice = 'verifier-9XfTq2LmZr7VbNc4KwHs8PdY'
    expect(complaintOf({ verifierSecrets: twice, frontendSecrets: twice })).toContain('must differ')
  })

  test.each([
    'http://example.com',
    'http://localhost.example.com',
    'http://192.168.0.1:4000',
    'https://example.com/',
    'https://example.com/auth',
    'https://user@example.com',
    'https://EXAMPLE.com',
    'https://example.com:443',
    'example.com',
    'javascript:alert(1)',
    'null',
    '*',
    '',
  ])('the origin %j, as issuer and in the list', (origin) => {
    expect(complaintOf({ issuer: origin })).toContain('SALLYPORT_ISSUER')
    if (origin !== '')
      expect(complaintOf({ origins: ['https://ok.example', origin] })).toContain('SALLYPORT_ORIGINS')
  })

  test.each([
    'https://*.com',
    'https://*.vercel.app',
    'http://*.example.com',
    'https://*.*.example.com',
    'https://app.*.example.com',
  ])('the pattern %s is refused in the list, and every pattern as issuer', (pattern) => {
    expect(complaintOf({ origins: ['https://ok.example', pattern] })).toContain(
      'SALLYPORT_ORIGINS has a pattern',
    )
    expect(complaintOf({ issuer: 'https://*.preview.example.com' })).toContain('SALLYPORT_ISSUER')
  })

  test('mails lead to no pattern', () => {
    const mailing = { developmentInbox: true, issuer: 'http://localhost:4000' }
    expect(complaintOf({ ...mailing, origins: 'http://*.localhost:3000' })).toContain('SALLYPORT_APP_URL')
  })

  test.each([
    'https://example.com',
    'https://example.com:8443',
    'http://localhost:4000',
    'http://127.0.0.1',
    'http://[::1]:1',
  ])('the origin %j is fine', (origin) =>
    expect(
      complaintOf({
        issuer: origin,
        origins: origin,
        emailVerification: 'off',
        frontendSecrets: 'none',
        verifierSecrets: 'none',
      }),
    ).toBe(''),
  )

  test.each([
    [{ accessTokenTtlSeconds: '1e2' }, 'SALLYPORT_ACCESS_TOKEN_TTL_SECONDS must be a whole number'],
    [{ accessTokenTtlSeconds: 0 }, 'from 1 to 3600'],
    [{ accessTokenTtlSeconds: true }, 'must be a whole number'],
    [{ port: '99999' }, 'AUTH_PORT'],
    [{ minimumPasswordLength: 4 }, 'from 8 to 64'],
    [{ hashMemoryKibibytes: 1024 }, 'from 8192'],
    [{ productName: 'Ledgerline\r\nBcc: all@example.com' }, 'SALLYPORT_PRODUCT_NAME must be one line'],
    [{ audience: ',' }, 'SALLYPORT_AUDIENCE needs at least one name'],
    [{ clientId: '' }, 'SALLYPORT_CLIENT_ID must be 1 to 64'],
    [{ clientId: 'our pages' }, 'SALLYPORT_CLIENT_ID must be 1 to 64'],
    [{ clientId: 'x'.repeat(65) }, 'SALLYPORT_CLIENT_ID must be 1 to 64'],
    [{ clientId: '0198C5A1-7b2c-7def-8abc-0123456789ab' }, 'SALLYPORT_CLIENT_ID must not be a UUID'],
    [{ rolePermissions: '{"a":' }, 'SALLYPORT_ROLES must be JSON'],
    [{ rolePermissions: '["a"]' }, 'SALLYPORT_ROLES must be JSON'],
    [{ sessionIdleSeconds: 7200, sessionAbsoluteSeconds: 3600 }, 'must not be longer'],
    [{ cookieDomain: 'example.com' }, 'needs an https SALLYPORT_ISSUER'],
    [{ cookieDomain: 'com', issuer: 'https://auth.example.com' }, 'SALLYPORT_COOKIE_DOMAIN must be a domain'],
    [{ cookieDomain: '.example.com', issuer: 'https://auth.example.com' }, 'SALLYPORT_COOKIE_DOMAIN'],
    [{ cookieDomain: 'example.com', issuer: 'https://authexample.com' }, 'is not below it'],
    [
      { cookieDomain: 'example.com', issuer: 'https://auth.example.com', origins: 'https://evil.example' },
      'https://evil.example is not below it',
    ],
    [{ frontendSecret: 'x' }, 'There is no setting frontendSecret. Did you mean frontendSecrets?'],
    [
      { rolePermissions: { 'a,b': [] } },
      'SALLYPORT_ROLES: A role is a name of 1 to 64 characters without commas.',
    ],
    [{ defaultRoles: 'x'.repeat(65) }, 'SALLYPORT_DEFAULT_ROLES: A role is a name of 1 to 64 characters'],
    [
      { defaultRoles: 'manger', rolePermissions: { manager: [] } },
      'SALLYPORT_DEFAULT_ROLES: There is no role manger. Did you mean manager? SALLYPORT_ROLES defines manager.',
    ],
    [
      { defaultRoles: 'member', rolePermissions: { manager: [] } },
      'SALLYPORT_DEFAULT_ROLES: There is no role member. SALLYPORT_ROLES defines manager. To define one without permissions, give it an empty list.',
    ],
  ])('%j', (changes, sentence) => {
    expect(complaintOf(changes)).toContain(sentence)
  })

  test('a shared parent domain that is right', () => {
    expect(
      complaintOf({
        cookieDomain: 'example.com',
        issuer: 'https://auth.example.com',
        frontendSecrets: 'none',
        verifierSecrets: 'none',
        emailVerification: 'off',
        origins: 'https://app.example.com,https://example.com',
      }),
    ).toBe('')
  })
})

describe('S17: production needs the credentials of front end and verifiers, or the word that there are none', () => {
  const secrets = {
    frontendSecrets: 'frontend-4GhJk8TnWdRyUiMp2ZlCsBgM',
    verifierSecrets: 'verifier-9XfTq2LmZr7VbNc4KwHs8PdY',
  }
  const given = (changes: Record<string, unknown>, nodeEnv?: string) =>
    readConfig({ ...options, emailVerification: 'off', ...changes }, readUserFields(), nodeEnv)
  const isPublic = { issuer: 'https://auth.example.com' }

  test.each([
    ['an https issuer', isPublic, undefined],
    ['an https issuer, whatever NODE_ENV says', isPublic, 'development'],
    ['NODE_ENV=production on localhost', {}, 'production'],
  ])('%s', (_, place, nodeEnv) => {
    for (const nothing of [undefined, '', ',', []]) {
      const complaint = (changes: Record<string, unknown>) => () =>
        given({ ...place, ...secrets, ...changes }, nodeEnv)
      expect(complaint({ frontendSecrets: nothing })).toThrow(
        /^SALLYPORT_FRONTEND_SECRET is not set: .*to none\.$/,
      )
      expect(complaint({ verifierSecrets: nothing })).toThrow(
        /^SALLYPORT_VERIFIER_SECRET is not set: .*to none\.$/,
      )
    }
    expect(() => given(place, nodeEnv)).toThrow(/SALLYPORT_FRONTEND_SECRET.*\n.*SALLYPORT_VERIFIER_SECRET/)
    expect(given({ ...place, ...secrets }, nodeEnv).missingCredentials).toEqual([])
    expect(given({ ...place, frontendSecrets: 'none', verifierSecrets: 'none' }, nodeEnv)).toMatchObject({
      frontendSecrets: [],
      verifierSecrets: [],
      missingCredentials: [],
    })
  })

  test('development on localhost goes on, and is told', () => {
    expect(given({}).missingCredentials).toEqual(['SALLYPORT_FRONTEND_SECRET', 'SALLYPORT_VERIFIER_SECRET'])
    expect(given({ ...secrets, verifierSecrets: 'none' }).missingCredentials).toEqual([])
  })

  test('none is a word for the whole setting, not for one of two', () => {
    expect(() => given({ frontendSecrets: `none,${secrets.frontendSecrets}` })).toThrow(/at least 32/)
    expect(() => given({ secret: 'none' })).toThrow(/^SALLYPORT_SECRET needs at least 32/)
    expect(() => given({ metricsSecret: 'none' })).toThrow(/^SALLYPORT_METRICS_SECRET needs at least 32/)
  })

  test('what shows mails and the reference to anybody is for development too', () => {
    const inbox = { ...secrets, developmentInbox: true, origins: 'http://localhost:3000' }
    expect(given(inbox).developmentInbox).toBe(true)
    expect(() => given(inbox, 'production')).toThrow(/^SALLYPORT_DEVELOPMENT_INBOX/)
    expect(given(secrets).apiReference).toBe(true)
    expect(given(secrets, 'production').apiReference).toBe(false)
    expect(given({ ...secrets, ...isPublic }).apiReference).toBe(false)
  })
})

test('A01: who can send mail asks for proof of an address, unless told otherwise', () => {
  const mail = {
    smtpUrl: 'smtp://mail.example.com:587',
    mailFrom: 'no-reply@example.com',
    appUrl: 'https://app.example.com',
  }
  expect(readConfig(options).emailVerification).toBe('off')
  expect(readConfig({ ...options, ...mail }).emailVerification).toBe('sign-in')
  expect(readConfig({ ...options, ...mail, emailVerification: 'off' }).emailVerification).toBe('off')
})

describe('mails lead to the pages, which may be below a basePath', () => {
  const address = (appUrl: string) => readConfig({ ...options, appUrl }).appUrl

  test.each([
    'https://app.example.com',
    'https://example.com/app',
    'https://example.com/a/b',
    'http://localhost:3000/app',
  ])('%s is taken', (appUrl) => expect(address(appUrl)).toBe(appUrl))
  test.each([
    'https://example.com/',
    'https://example.com/app/',
    'https://example.com//app',
    'https://example.com/app?x=1',
    'https://example.com/app#x',
    'https://ada:secret@example.com/app',
    'https://example.com/a/../app',
    'http://example.com/app',
    'javascript:alert(1)',
    '/app',
  ])('%s is refused', (appUrl) => expect(() => address(appUrl)).toThrow(/SALLYPORT_APP_URL/))
})

describe('production asks for mail, or for the word that nobody proves their address', () => {
  const callers = { frontendSecrets: 'none', verifierSecrets: 'none' }
  const given = (changes: Record<string, unknown>, nodeEnv?: string) =>
    readConfig({ ...options, ...callers, ...changes }, readUserFields(), nodeEnv)
  const mail = {
    smtpUrl: 'smtp://mail.example.com:587',
    mailFrom: 'no-reply@example.com',
    appUrl: 'https://app.example.com',
  }

  test.each([
    ['an https issuer', { issuer: 'https://auth.example.com' }, undefined],
    ['NODE_ENV=production', {}, 'production'],
  ])('%s', (_, place, nodeEnv) => {
    expect(() => given(place, nodeEnv)).toThrow(/^SALLYPORT_EMAIL_VERIFICATION is not set.*to off\./)
    expect(given({ ...place, emailVerification: 'off' }, nodeEnv).emailVerification).toBe('off')
    expect(given({ ...place, ...mail }, nodeEnv).emailVerification).toBe('sign-in')
    expect(() => given({ ...place, emailVerification: 'sign-in' }, nodeEnv)).toThrow(/needs mail/)
  })
})

test('production asks where the database is: a lost variable must not open an empty one', () => {
  const { dataDir: _, ...rest } = options
  const given = (place: Record<string, unknown>) =>
    readConfig(
      { ...rest, frontendSecrets: 'none', verifierSecrets: 'none', emailVerification: 'off', ...place },
      readUserFields(),
      'production',
    )
  expect(() => given({})).toThrow(/^Neither DATABASE_URL nor DATA_DIR is set/)
  expect(given({ dataDir: '/var/lib/sallyport' }).dataDir).toBe('/var/lib/sallyport')
  expect(given({ databaseUrl: 'postgres://localhost/sallyport' }).databaseUrl).toBeDefined()
  expect(readConfig(rest).dataDir).toBe('.data')
})

test('permissions that wait for a proven address: a lost or misspelt setting stops the start', () => {
  const right = {
    developmentInbox: true,
    origins: 'http://localhost:3000',
    emailVerification: 'permissions',
    verifiedPermissions: 'report:read',
    rolePermissions: { finance: ['report:read'] },
  }
  expect(complaintOf(right)).toBe('')
  expect(complaintOf({ ...right, verifiedPermissions: undefined })).toMatch(
    /^SALLYPORT_EMAIL_VERIFICATION=permissions needs SALLYPORT_VERIFIED_PERMISSIONS/,
  )
  for (const emailVerification of [undefined, 'off', 'sign-in'])
    expect(complaintOf({ ...right, emailVerification })).toMatch(
      /^SALLYPORT_VERIFIED_PERMISSIONS counts only/,
    )
  expect(complaintOf({ ...right, verifiedPermissions: 'report:raed' })).toMatch(
    /^SALLYPORT_VERIFIED_PERMISSIONS names report:raed, which no role of SALLYPORT_ROLES has\. Did you mean report:read\?/,
  )
})
