import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearerSignIn, type System, startSystem } from '../system/system.ts'

let system: System
const tokens: Record<string, string> = {}
beforeAll(async () => {
  system = await startSystem({ web: null })
  for (const role of ['owner', 'finance', 'member'])
    tokens[role] = (await bearerSignIn(system.authUrl, `${role}@example.com`)).accessToken
})
afterAll(() => system?.stop())

const endpoints = [
  '/invoices',
  '/invoices.csv',
  '/customers',
  '/plans',
  '/summary',
  '/reports/revenue',
  '/reports/revenue.csv',
]
const reports = endpoints.filter((path) => path.startsWith('/reports'))

const ask = (path: string, headers: Record<string, string> = {}) => fetch(system.apiUrl + path, { headers })

describe('the API checks access independently of the front end [ASVS 7.2.1, 8.3.1]', () => {
  it.each(endpoints)('%s without a token: 401 with a challenge', async (path) => {
    const answer = await ask(path)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
  })

  it.each(endpoints)(
    '%s with a bad token: 401 invalid_token, always with the same body [J01, J05, J29]',
    async (path) => {
      const good = tokens.owner ?? ''
      const [header = '', payload = '', signature = ''] = good.split('.')
      const none = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${payload}.`
      const bodies = new Set<string>()
      for (const token of [
        'x',
        'a.b.c',
        none,
        `${header}.${payload}.`,
        `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
        `${good}=`,
        `${good}.x`,
      ]) {
        const answer = await ask(path, { authorization: `Bearer ${token}` })
        expect(answer.status).toBe(401)
        expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
        const { requestId: _, ...body } = (await answer.json()) as Record<string, unknown>
        bodies.add(JSON.stringify(body))
      }
      expect(bodies.size).toBe(1)
    },
  )

  it.each(reports)('%s: 403 for a member, 200 for finance and owner', async (path) => {
    const refused = await ask(path, { authorization: `Bearer ${tokens.member}` })
    expect(refused.status).toBe(403)
    expect(refused.headers.get('www-authenticate')).toContain('insufficient_scope')
    for (const role of ['finance', 'owner'])
      expect((await ask(path, { authorization: `Bearer ${tokens[role]}` })).status).toBe(200)
  })

  it.each(endpoints.filter((path) => !reports.includes(path)))('%s: 200 for a member', async (path) => {
    expect((await ask(path, { authorization: `Bearer ${tokens.member}` })).status).toBe(200)
  })

  it('ignores a token in the query or in a cookie [AT-10, J29]', async () => {
    expect((await ask(`/invoices?access_token=${tokens.owner}`)).status).toBe(401)
    expect(
      (await ask('/invoices', { cookie: `accessToken=${tokens.owner}; __Host-accessToken=${tokens.owner}` }))
        .status,
    ).toBe(401)
  })

  it('accepts neither a refresh token as access token nor the reverse [J24]', async () => {
    const { accessToken, refreshToken } = await bearerSignIn(system.authUrl, 'owner@example.com')
    expect((await ask('/invoices', { authorization: `Bearer ${refreshToken}` })).status).toBe(401)
    const answer = await fetch(`${system.authUrl}/api/auth/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refreshToken: accessToken }),
    })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
  })

  it('the key set has only public members [J30]', async () => {
    const { keys } = (await (await fetch(`${system.authUrl}/.well-known/jwks.json`)).json()) as {
      keys: Record<string, unknown>[]
    }
    expect(keys.length).toBeGreaterThan(0)
    for (const key of keys) {
      expect(key).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' })
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(secret)
    }
  })

  it('the access token contains no personal data [AT-09, N-17]', () => {
    const payload = Buffer.from((tokens.owner ?? '').split('.')[1] ?? '', 'base64url').toString()
    expect(payload).not.toMatch(/example\.com|Olivia/)
  })
})
