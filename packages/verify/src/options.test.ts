import { cookieNames } from '@sallyport/protocol'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { FeedOptions, VerifierOptions } from './options.ts'
import { RevocationSet } from './revocation-set.ts'
import { createSigningKey, issuer, issueToken } from './testing/issuer.ts'
import { expectRefused } from './testing/refusal.ts'
import { countingKeySet, verifierOf } from './testing/verifier.ts'
import { createVerifier } from './verifier.ts'

const key = createSigningKey('key-1')

const right: VerifierOptions = { issuer: 'https://auth.example.com', audience: 'billing-api' }
const feed = { credential: 'verifier-9XfTq2LmZr7VbNc4KwHs8PdY' }

describe('createVerifier', () => {
  const wrong: [string, unknown, RegExp][] = [
    ['nothing', undefined, /takes an object/],
    ['no issuer', { audience: 'a' }, /issuer must be/],
    ['an http issuer that is not local', { ...right, issuer: 'http://auth.example.com' }, /https URL/],
    ['an http issuer that looks local', { ...right, issuer: 'http://localhost.example.com' }, /https URL/],
    ['an http issuer that ends like a local one', { ...right, issuer: 'http://notlocalhost' }, /https URL/],
    ['an http issuer of another network', { ...right, issuer: 'http://128.0.0.1' }, /https URL/],
    ['an issuer of another scheme', { ...right, issuer: 'ftp://auth.example.com' }, /https URL/],
    ['an issuer with a fragment', { ...right, issuer: 'https://auth.example.com#x' }, /fragment/],
    ['an issuer with a user', { ...right, issuer: 'https://a@auth.example.com' }, /user/],
    ['an issuer with a password alone', { ...right, issuer: 'https://:b@auth.example.com' }, /user/],
    ['an issuer that is a URL object', { ...right, issuer: new URL('https://auth.example.com') }, /must be/],
    ['options that are null', null, /takes an object/],
    ['a list of options', [], /The options must be an object/],
    ['an issuer with a query', { ...right, issuer: 'https://auth.example.com?x' }, /without query/],
    ['an issuer with a password', { ...right, issuer: 'https://a:b@auth.example.com' }, /user/],
    ['an issuer that is not a URL', { ...right, issuer: 'auth.example.com' }, /issuer/],
    ['no audience', { issuer: right.issuer }, /audience must be/],
    ['an empty audience', { ...right, audience: '' }, /audience/],
    ['a list of audiences', { ...right, audience: ['a'] }, /audience/],
    [
      'a misspelt option',
      { ...right, audiance: 'a' },
      /no option audiance\. Did you mean audience\? The options are/,
    ],
    ['a misspelt feed option', { ...right, feed: { ...feed, stale: 'x' } }, /no option feed\.stale/],
    ['no algorithm', { ...right, algorithms: [] }, /algorithms must list/],
    ['a symmetric algorithm', { ...right, algorithms: ['ES256', 'HS256'] }, /Symmetric/],
    ['the algorithm none', { ...right, algorithms: ['none'] }, /"none"/],
    ['an algorithm named like a member of Object', { ...right, algorithms: ['toString'] }, /algorithms/],
    ['a relative key set', { ...right, jwksUrl: '/.well-known/jwks.json' }, /jwksUrl/],
    ['a key set with a user', { ...right, jwksUrl: 'https://a@auth.example.com' }, /jwksUrl.*user name/],
    ['a key set with a password', { ...right, jwksUrl: 'https://:b@auth.example.com' }, /jwksUrl.*password/],
    ['a key set that is a URL object', { ...right, jwksUrl: new URL('https://a.example.com') }, /jwksUrl/],
    ['a key set of another scheme', { ...right, jwksUrl: 'ws-http://a.example.com' }, /jwksUrl/],
    ['algorithms that are not a list', { ...right, algorithms: 'ES256' }, /algorithms must list/],
    ['a key set in a file', { ...right, jwksUrl: 'file:///etc/jwks.json' }, /http/],
    ['a feed without a credential', { ...right, feed: {} }, /feed\.credential.*SALLYPORT_VERIFIER_SECRET/],
    ['a short credential', { ...right, feed: { credential: 'short' } }, /feed\.credential.*at least 32/],
    [
      'a placeholder',
      { ...right, feed: { credential: '<random_string_at_least_32_characters_long>' } },
      /placeholder/,
    ],
    ['a credential in quotes', { ...right, feed: { credential: `"${feed.credential}"` } }, /quotes/],
    ['a list with a bad one', { ...right, feed: { credential: `${feed.credential},old` } }, /at least 32/],
    [
      'an empty credential',
      { ...right, feed: { credential: '' } },
      /missing or empty.*SALLYPORT_VERIFIER_SECRET/,
    ],
    ['a credential that is not set', { ...right, feed: { credential: undefined } }, /missing or empty/],
    ['a credential of spaces', { ...right, feed: { credential: '  ' } }, /feed\.credential/],
    ['a credential that is a number', { ...right, feed: { credential: 7 } }, /feed\.credential must be/],
    [
      'a key set that is a function with the right members',
      { ...right, keySet: Object.assign(() => null, { find: () => null, load: () => null }) },
      /keySet must be an object/,
    ],
    ['a feed that is null', { ...right, feed: null }, /feed must be an object/],
    ['a feed that is true', { ...right, feed: true }, /feed must be an object/],
    ['a feed that is an address', { ...right, feed: 'https://auth.example.com' }, /feed must be an object/],
    ['a feed without an address', { ...right, feed: { ...feed, url: '/revocations' } }, /feed\.url/],
    [
      'an introspection without an address',
      { ...right, feed: { ...feed, introspectUrl: '' } },
      /introspectUrl/,
    ],
    ['a staleness of hours', { ...right, feed: { ...feed, maxStalenessSeconds: 7200 } }, /to 3600/],
    ['no policy', { ...right, feed: { ...feed, whenStale: '' } }, /whenStale/],
    ['revocations that are null', { ...right, revocations: null }, /revocations must be an object/],
    ['revocations without functions', { ...right, revocations: new Set() }, /findRefusal/],
    ['a key set that is a document', { ...right, keySet: { keys: [] } }, /keySet must be an object/],
    ['cookies that are null', { ...right, cookies: null }, /cookies/],
    ['a clock that is a time', { ...right, clock: Date.now() }, /clock must be a function/],
    ['a fetch that is not a function', { ...right, fetch: 'fetch' }, /fetch must be a function/],
    [
      'keys that may be used for less long than they are kept',
      { ...right, jwksMaxStaleSeconds: 60 },
      /jwksMaxAgeSeconds/,
    ],
    [
      'a cool-down that is longer than keys are kept',
      { ...right, jwksMaxAgeSeconds: 10 },
      /jwksCooldownSeconds/,
    ],
    [
      'keys that are kept for ever',
      { ...right, jwksMaxAgeSeconds: Number.POSITIVE_INFINITY },
      /jwksMaxAgeSeconds/,
    ],
    ['a credential with a line break', { ...right, feed: { credential: 'a\nb' } }, /feed\.credential/],
    ['an unknown policy', { ...right, feed: { ...feed, whenStale: 'ignore' } }, /whenStale/],
    ['a staleness below the heartbeat', { ...right, feed: { ...feed, maxStalenessSeconds: 3 } }, /from 4/],
    ['feed and revocations', { ...right, feed, revocations: new RevocationSet() }, /not both/],
    ['a cookie with a space in its name', { ...right, cookies: ['a b'] }, /cookies/],
    ['a cookie that is a number', { ...right, cookies: [7] }, /cookies/],
    ['a cookie without a name', { ...right, cookies: [''] }, /cookies/],
    ['origins that are not a list', { ...right, origins: 'https://app.example.com' }, /origins/],
    ['an origin with a path', { ...right, origins: ['https://app.example.com', 'https://x/y'] }, /origins/],
    ['a key set that is null', { ...right, keySet: null }, /keySet must be an object/],
    ['a key set without a function', { ...right, keySet: { find: () => null } }, /find, load/],
    ['a key set that is a function', { ...right, keySet: () => null }, /keySet must be an object/],
    ['cookies that are not a list', { ...right, cookies: 'accessToken' }, /cookies/],
    ['an origin with a slash', { ...right, origins: ['https://app.example.com/'] }, /origins/],
    ['any origin', { ...right, origins: ['*'] }, /wildcard/],
    ['the null origin', { ...right, origins: ['null'] }, /origins/],
    [
      'a tolerance that is not a number',
      { ...right, clockToleranceSeconds: '5' },
      /clockToleranceSeconds must be a number from 0 to 300/,
    ],
    ['a tolerance of hours', { ...right, clockToleranceSeconds: 7200 }, /300/],
    ['NaN', { ...right, maxTokenLifetimeSeconds: Number.NaN }, /maxTokenLifetimeSeconds/],
    ['a negative cache', { ...right, cacheSize: -1 }, /cacheSize/],
  ]
  test.each(wrong)('refuses %s with a TypeError that says how to fix it', (_name, options, message) => {
    const create = () => createVerifier(options as VerifierOptions)
    expect(create).toThrow(TypeError)
    expect(create).toThrow(message)
    expect(create).not.toThrow(/verifier-9XfTq2LmZr7VbNc4KwHs8PdY/)
  })

  test.each([
    'https://auth.example.com',
    'https://auth.example.com/tenant',
    'http://localhost:4000',
    'http://127.0.0.1:4000',
    'http://[::1]:4000',
    'http://app.localhost:1',
    'http://127.10.20.30',
  ])('accepts the issuer %s', (issuer) => {
    expect(() => createVerifier({ ...right, issuer })).not.toThrow()
  })

  test.each<[string, Partial<VerifierOptions>]>([
    ['the minimum of each number', { clockToleranceSeconds: 0, maxTokenLifetimeSeconds: 1, cacheSize: 0 }],
    [
      'the maximum of each number',
      { clockToleranceSeconds: 300, maxTokenLifetimeSeconds: 86_400, cacheSize: 1_000_000 },
    ],
    [
      'one time for cool-down, age and staleness of the keys',
      { jwksCooldownSeconds: 60, jwksMaxAgeSeconds: 60, jwksMaxStaleSeconds: 60 },
    ],
    ['keys that are kept for longer than an hour', { jwksMaxAgeSeconds: 86_400 }],
    ['the minimum staleness of a feed', { feed: { ...feed, maxStalenessSeconds: 4 } }],
    ['the maximum staleness of a feed', { feed: { ...feed, maxStalenessSeconds: 3600 } }],
    ['no cookies and no origins', { cookies: [], origins: [] }],
  ])('accepts %s', (_name, options) => {
    expect(() => createVerifier({ ...right, ...options })).not.toThrow()
  })

  test('in production, requires feed: false for a verifier without revocations', () => {
    vi.stubEnv('NODE_ENV', 'production')
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(() => createVerifier(right)).toThrow(TypeError)
    expect(() => createVerifier({ ...right, feed: undefined })).toThrow(/feed is missing.*feed: false/)
    expect(() => createVerifier({ ...right, feed: false })).not.toThrow()
    expect(() => createVerifier({ ...right, revocations: new RevocationSet() })).not.toThrow()
    expect(() => createVerifier({ ...right, feed })).not.toThrow()
    vi.stubEnv('NODE_ENV', 'development')
    expect(() => createVerifier(right)).not.toThrow()
  })

  test('an issuer with a final slash differs from one without', async () => {
    const slash = verifierOf(countingKeySet(key), { issuer: `${issuer}/` })
    await expectRefused(slash, issueToken(key))
    await expect(slash.verify(issueToken(key, { iss: `${issuer}/` }))).resolves.toBeDefined()
  })

  test('fetches nothing at construction', () => {
    let fetches = 0
    const fetch = () => {
      fetches += 1
      return Promise.reject(new Error('no'))
    }
    createVerifier({ ...right, feed, fetch }).close()
    expect(fetches).toBe(0)
  })

  test('derives the addresses of keys, feed and introspection from the issuer', async () => {
    const urls = async (options: Partial<VerifierOptions>) => {
      const asked: string[] = []
      const verifier = createVerifier({
        ...right,
        ...options,
        fetch: (url) => {
          asked.push(String(url))
          return Promise.reject(new Error('no'))
        },
      })
      const ready = verifier.ready().catch(() => {})
      verifier.close()
      await ready
      return asked.sort()
    }
    expect(await urls({ feed })).toEqual([
      'https://auth.example.com/.well-known/jwks.json',
      'https://auth.example.com/api/auth/revocations',
    ])
    expect(await urls({ issuer: 'https://example.com/tenant/', feed })).toEqual([
      'https://example.com/tenant/.well-known/jwks.json',
      'https://example.com/tenant/api/auth/revocations',
    ])
    expect(
      await urls({ jwksUrl: 'http://auth:4000/keys', feed: { ...feed, url: 'http://auth:4000/feed' } }),
    ).toEqual(['http://auth:4000/feed', 'http://auth:4000/keys'])
  })

  test('while the feed is silent, asks introspection at the issuer, next to the feed, at its own address, or not', async () => {
    const askedAt = async (options: Partial<FeedOptions>) => {
      const asked: string[] = []
      const verifier = verifierOf(countingKeySet(key), {
        feed: { ...feed, ...options },
        fetch: async (url, init) => {
          if (init?.method !== 'POST') throw new TypeError('no feed')
          asked.push(String(url))
          return Response.json({ active: true, sub: 'user-1', sid: 'session-1', exp: 1 })
        },
      })
      const outcome = await verifier.verify(issueToken(key)).catch(({ code }) => code)
      verifier.close()
      return typeof outcome === 'string' ? [outcome, ...asked] : asked
    }
    expect(await askedAt({})).toEqual([`${issuer}/api/auth/introspect`])
    expect(await askedAt({ url: 'http://auth:4000/a/revocations' })).toEqual([
      'http://auth:4000/a/introspect',
    ])
    expect(await askedAt({ introspectUrl: 'http://auth:4000/i' })).toEqual(['http://auth:4000/i'])
    expect(await askedAt({ whenStale: 'introspect' })).toEqual([`${issuer}/api/auth/introspect`])
    expect(await askedAt({ whenStale: 'reject' })).toEqual(['unavailable'])
    expect(await askedAt({ whenStale: 'accept' })).toEqual([])
  })

  test('reads the access token from every cookie that the auth server or the pages set', async () => {
    const parts = [{ secure: true }, { secure: true, domain: 'example.com' }, { secure: false }]
    for (const topology of parts) {
      const cookie = `${cookieNames(topology).accessToken}=${issueToken(key)}`
      const request = { headers: { cookie }, method: 'GET' }
      await expect(verifierOf(countingKeySet(key)).authenticate(request)).resolves.toBeDefined()
    }
  })

  test('accepts the cookie without a prefix only for an issuer on http', async () => {
    const headers = (name: string) => ({ headers: { cookie: `${name}=${issueToken(key)}` }, method: 'GET' })
    const https = verifierOf(countingKeySet(key), { issuer: 'https://auth.example.com' })
    for (const name of ['__Host-accessToken', '__Secure-accessToken', 'accessToken'])
      await expect(verifierOf(countingKeySet(key)).authenticate(headers(name))).resolves.toBeDefined()
    for (const name of ['__Host-accessToken', '__Secure-accessToken'])
      await expect(https.authenticate(headers(name))).rejects.toMatchObject({ code: 'token_invalid' })
    await expect(https.authenticate(headers('accessToken'))).rejects.toMatchObject({ code: 'token_missing' })
    const named = verifierOf(countingKeySet(key), { cookies: ['one', 'one'] })
    await expect(named.authenticate(headers('one'))).resolves.toBeDefined()
    await expect(named.authenticate(headers('accessToken'))).rejects.toMatchObject({ code: 'token_missing' })
  })
})

test('without the option `fetch`, uses the current global one', async () => {
  const verifier = createVerifier({ ...right, feed: false })
  const asked: unknown[] = []
  vi.stubGlobal('fetch', (...args: unknown[]) => {
    asked.push(args)
    return Promise.reject(new TypeError('no network'))
  })
  onTestFinished(() => void vi.unstubAllGlobals())
  await expect(verifier.ready()).rejects.toMatchObject({ code: 'unavailable' })
  expect(asked).toEqual([
    ['https://auth.example.com/.well-known/jwks.json', expect.objectContaining({ redirect: 'error' })],
  ])
})
