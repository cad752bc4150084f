import { describe, expect, test } from 'vitest'
import { type AuthRequest, findCredential } from '../credential.ts'
import { createSigningKey, issueToken } from '../testing/issuer.ts'
import { refusalOf } from '../testing/refusal.ts'
import { countingKeySet, verifierOf } from '../testing/verifier.ts'

const key = createSigningKey('key-1')
const verifier = verifierOf(countingKeySet(key))
const token = issueToken(key)
const other = issueToken(key, { sid: 'session-2' })

function request(headers: Record<string, string | string[]>, method = 'GET'): AuthRequest {
  return { headers, method }
}

function codeOf(request: AuthRequest): Promise<string> {
  return refusalOf(verifier.authenticate(request)).then(({ code }) => code)
}

describe('the sources of a token [J29, AT-10]', () => {
  test.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])(
    'reads %s in the Authorization header',
    async (scheme) => {
      await expect(
        verifier.authenticate(request({ authorization: `${scheme} ${token}` })),
      ).resolves.toBeDefined()
      const web = new Request('http://localhost:4100/', { headers: { authorization: `${scheme} ${token}` } })
      await expect(verifier.authenticate(web)).resolves.toBeDefined()
      await expect(verifier.authenticate({ headers: web.headers })).resolves.toBeDefined()
    },
  )

  test.each(['__Host-accessToken', '__Secure-accessToken', 'accessToken'])(
    'reads the cookie %s',
    async (name) => {
      await expect(
        verifier.authenticate(request({ cookie: `theme=dark; ${name}=${token}; x` })),
      ).resolves.toBeDefined()
      const headers = new Headers({ cookie: `${name}=${token}` })
      await expect(verifier.authenticate({ headers, method: 'GET' })).resolves.toBeDefined()
    },
  )

  test('reads no token from the query, the body or other headers', async () => {
    const elsewhere = new Request(`http://localhost:4100/?access_token=${token}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-access-token': token,
        'proxy-authorization': `Bearer ${token}`,
      },
      body: `access_token=${token}`,
    })
    expect(await codeOf(elsewhere)).toBe('token_missing')
    expect(elsewhere.bodyUsed).toBe(false)
    expect(await codeOf(request({}))).toBe('token_missing')
  })

  test.each([
    `Basic ${Buffer.from(`user:${token}`).toString('base64')}`,
    `Token ${token}`,
    `JWT ${token}`,
    `DPoP ${token}`,
    token,
    `Bearer:${token}`,
    `Bearer=${token}`,
    `Bearertoken ${token}`,
    `X-Bearer ${token}`,
    '',
  ])('ignores another scheme: %s', async (authorization) => {
    expect(await codeOf(request({ authorization }))).toBe('token_missing')
  })

  test.each([
    'Bearer',
    'Bearer ',
    'Bearer  ',
    `Bearer\t${token}`,
    `Bearer ${token} `,
    `Bearer ${token} x`,
    `Bearer "${token}"`,
    `Bearer x ${token}`,
    `Bearer Bearer ${token}`,
    'Bearer null',
    'Bearer undefined',
    'Bearer [object Object]',
    `Bearer ${token},`,
    `Bearer ,${token}`,
    `Bearer\u00a0${token}`,
  ])('refuses a malformed value as an invalid token: %j', async (authorization) => {
    expect(await codeOf(request({ authorization }))).toBe('token_invalid')
  })

  test('accepts several spaces after the scheme', async () => {
    await expect(
      verifier.authenticate(request({ authorization: `Bearer   ${token}` })),
    ).resolves.toBeDefined()
  })

  test('ignores cookies with other names', async () => {
    for (const name of [
      'accesstoken',
      'AccessToken',
      'xaccessToken',
      '__host-accessToken',
      '__Host-accessToken2',
      'accessToken\u00a0',
      '\u00a0accessToken',
      'refreshToken',
    ])
      expect(await codeOf(request({ cookie: `${name}=${token}` })), name).toBe('token_missing')
    const https = verifierOf(countingKeySet(key), { issuer: 'https://auth.example.com' })
    const plain = { headers: { cookie: `accessToken=${token}` } }
    expect(await refusalOf(https.authenticate(plain))).toMatchObject({ code: 'token_missing' })
  })

  test('refuses an empty or quoted cookie as an invalid token', async () => {
    for (const value of ['', '""', `"${token}"`, encodeURIComponent(`${token} `)])
      expect(await codeOf(request({ cookie: `accessToken=${value}` }))).toBe('token_invalid')
  })

  test('reads no cookie if none is configured', async () => {
    const headerOnly = verifierOf(countingKeySet(key), { cookies: [] })
    const both = { headers: { authorization: `Bearer ${token}`, cookie: `accessToken=${other}` } }
    await expect(headerOnly.authenticate(both)).resolves.toMatchObject({ sessionId: 'session-1' })
    expect(
      await refusalOf(headerOnly.authenticate({ headers: { cookie: `accessToken=${token}` } })),
    ).toMatchObject({ code: 'token_missing' })
  })
})

describe('refuses more than one credential, equal or not [J29, D11]', () => {
  const conflicts: Record<string, AuthRequest> = {
    'header and cookie': request({ authorization: `Bearer ${token}`, cookie: `accessToken=${other}` }),
    'the same in header and cookie': request({
      authorization: `Bearer ${token}`,
      cookie: `__Host-accessToken=${token}`,
    }),
    'the same name twice': request({ cookie: `accessToken=${token}; accessToken=${other}` }),
    'the same name twice, one empty': request({ cookie: `accessToken=; accessToken=${token}` }),
    'two configured names': request({ cookie: `__Host-accessToken=${token}; accessToken=${token}` }),
    'two Cookie headers': request({ cookie: [`accessToken=${token}`, `accessToken=${other}`] }),
    'two Authorization headers, joined': request({ authorization: `Bearer ${token}, Bearer ${other}` }),
    'two Authorization headers, listed': request({ authorization: [`Bearer ${token}`, `Bearer ${other}`] }),
    'two Authorization headers, of which Node shows the first': {
      headers: { authorization: `Bearer ${token}` },
      rawHeaders: ['Host', 'x', 'Authorization', `Bearer ${token}`, 'AUTHORIZATION', `Bearer ${other}`],
    },
    'two Authorization headers, one of another scheme': {
      headers: { authorization: `Bearer ${token}` },
      rawHeaders: ['authorization', `Bearer ${token}`, 'authorization', 'Basic eDp5'],
    },
    'two Authorization headers, joined without a space': request({
      authorization: `Bearer ${token},bearer ${other}`,
    }),
    'two Authorization headers, joined, one of them empty': request({
      authorization: `Bearer ${token},Bearer`,
    }),
    'another scheme first, joined': request({ authorization: `Basic eDp5, Bearer ${token}` }),
    'two in web-standard Headers': {
      headers: new Headers([
        ['authorization', `Bearer ${token}`],
        ['authorization', `Bearer ${other}`],
      ]),
    },
  }
  test.each(Object.entries(conflicts))('%s', async (_name, conflicting) => {
    expect(await codeOf(conflicting)).toBe('credential_conflict')
  })

  test('other headers with a name as long as Authorization do not count', async () => {
    const rawHeaders = ['Cache-Control', 'no-cache', 'If-None-Match', 'x', 'Authorization', `Bearer ${token}`]
    const once: AuthRequest = { headers: { authorization: `Bearer ${token}` }, rawHeaders }
    await expect(verifier.authenticate(once)).resolves.toBeDefined()
  })

  test('refuses a malformed header as such, also with a cookie', () => {
    for (const authorization of [`Bearer\t${token}`, `Bearer x\t${token}`, 'Bearer', `Bearer ${token} x`])
      expect(() =>
        findCredential(request({ authorization, cookie: `accessToken=${token}` }), ['accessToken']),
      ).toThrow(expect.objectContaining({ code: 'token_invalid' }))
  })

  test('reads headers of another library with `get`, and null as a missing header', async () => {
    const foreign = (headers: Headers) => ({ get: (name: string) => headers.get(name) }) as unknown as Headers
    const signedIn = foreign(new Headers({ authorization: `Bearer ${token}` }))
    await expect(verifier.authenticate({ headers: signedIn })).resolves.toBeDefined()
    expect(await codeOf({ headers: foreign(new Headers()), method: 'GET' })).toBe('token_missing')
  })

  test("ignores a proxy's Basic credential besides the cookie", async () => {
    const behindProxy = request({ authorization: 'Basic eDp5', cookie: `accessToken=${token}` })
    await expect(verifier.authenticate(behindProxy)).resolves.toBeDefined()
  })
})

describe('CSRF: a request with a cookie that may change state must come from a listed origin', () => {
  const origins = ['https://app.example.com', 'http://localhost:3000']
  const guarded = verifierOf(countingKeySet(key), { origins })
  const cookie = `accessToken=${token}`

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'FOO', 'post', 'get'])('%s', async (method) => {
    for (const origin of origins) {
      for (const site of [{}, { 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'same-site' }])
        await expect(
          guarded.authenticate(request({ cookie, origin, ...site }, method)),
        ).resolves.toBeDefined()
    }
    const foreign = [
      {},
      { origin: 'null' },
      { origin: '' },
      { origin: 'https://app.example.com.attacker.example' },
      { origin: 'https://attacker.example' },
      { origin: 'https://sibling.example.com' },
      { origin: 'http://app.example.com' },
      { origin: 'https://APP.example.com' },
      { origin: 'https://app.example.com/' },
      { origin: 'https://app.example.com:8443' },
      { origin: `${origins[0]}, ${origins[0]}` },
      { origin: 'http://localhost:3000', 'sec-fetch-site': 'cross-site' },
      { origin: 'http://localhost:3000', 'sec-fetch-site': 'none' },
      { 'sec-fetch-site': 'same-origin' },
    ]
    for (const headers of foreign) {
      const error = await refusalOf(
        guarded.authenticate(request({ cookie, ...headers } as Record<string, string>, method)),
      )
      expect(error, JSON.stringify(headers)).toMatchObject({ code: 'origin_refused', status: 403 })
    }
  })

  test('a WebSocket counts as a change of state, although it begins with a GET', async () => {
    const upgrade = { cookie, upgrade: 'websocket', connection: 'Upgrade' }
    expect(
      await refusalOf(guarded.authenticate(request({ ...upgrade, origin: 'https://sibling.example.com' }))),
    ).toMatchObject({
      code: 'origin_refused',
    })
    await expect(
      guarded.authenticate(request({ ...upgrade, origin: 'http://localhost:3000' })),
    ).resolves.toBeDefined()
  })

  test('a request without its method counts as one that changes state', async () => {
    const [origin = ''] = origins
    expect(await refusalOf(guarded.authenticate({ headers: { cookie } }))).toMatchObject({
      code: 'origin_refused',
      reason: expect.stringContaining('without its method'),
    })
    await expect(guarded.authenticate({ headers: { cookie, origin } })).resolves.toBeDefined()
    await expect(
      guarded.authenticate({ headers: { authorization: `Bearer ${token}` } }),
    ).resolves.toBeDefined()
  })

  test('without origins, no request with a cookie may change state', async () => {
    expect(await codeOf(request({ cookie, origin: 'http://localhost:3000' }, 'POST'))).toBe('origin_refused')
  })

  test('requests that only read need no origin, and requests with the header never do', async () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS'])
      await expect(
        guarded.authenticate(request({ cookie, origin: 'https://attacker.example' }, method)),
      ).resolves.toBeDefined()
    await expect(
      guarded.authenticate(request({ authorization: `Bearer ${token}` }, 'POST')),
    ).resolves.toBeDefined()
  })
})

test('clears only duplicate cookies, and only if the request has a host', async () => {
  const cookie = `accessToken=${token}; accessToken=${other}`
  const cleared = await refusalOf(verifier.authenticate(request({ cookie, host: 'localhost:4100' })))
  expect(cleared).toMatchObject({ code: 'credential_conflict', reason: 'more than one token' })
  expect(cleared.cookies).toEqual(['accessToken=; Path=/; Max-Age=0'])
  for (const headers of [
    { cookie },
    { authorization: `Bearer ${token}`, cookie: `accessToken=${other}`, host: 'localhost:4100' },
    { authorization: 'Bearer', host: 'localhost:4100' },
    { authorization: 'Bearer', cookie, host: 'localhost:4100' },
  ])
    expect((await refusalOf(verifier.authenticate(request(headers)))).cookies).toEqual([])
})
