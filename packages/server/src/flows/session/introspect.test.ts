import { paths } from '@sallyport/protocol/endpoints'
import { AuthError } from '@sallyport/verify'
import { describe, expect, test } from 'vitest'
import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { resigned } from '../../testing/resigned-token.ts'
import { bearer, claimsOf, startSallyport, type TestServer, verifierSecret } from '../../testing/sallyport.ts'
import { introspect } from './introspect.ts'

const form = 'application/x-www-form-urlencoded'
const basic = (name: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})

async function signedIn() {
  const server = await startSallyport()
  const user = await server.addUser()
  return { server, user, ...(await server.signIn()) }
}

function sendForm(server: TestServer, body: string, headers: Record<string, string> = {}, type = form) {
  const all = { 'content-type': type, ...bearer(verifierSecret), ...headers }
  return server.fetch(paths.introspect, { method: 'POST', headers: all, body })
}

test('reports a valid token as active and any other as inactive, to verifiers only [INT-01 to INT-03]', async () => {
  const { server, user, accessToken, refreshToken } = await signedIn()
  const claims = claimsOf(accessToken)
  expect(claims).toMatchObject({
    sub: user.id,
    roles: ['member'],
    permissions: ['invoice:read'],
    amr: ['pwd'],
  })
  const answer = await server.introspect(accessToken)
  expect(await answer.json()).toEqual({ ...claims, active: true, token_type: 'Bearer' })
  for (const other of [refreshToken, 'x', `${accessToken}x`, 'x'.repeat(8_193)])
    expect(await (await server.introspect(other)).text()).toBe('{"active":false}')
  for (const headers of [{}, bearer('x'), bearer(accessToken), { authorization: 'Basic eDp4' }])
    expect((await server.post(paths.introspect, { token: accessToken }, headers)).status).toBe(401)
  server.clock.advance(600)
  expect(await (await server.introspect(accessToken)).json()).toEqual({ active: false })
})

test('accepts tokens of an older version, without client_id, until they expire', async () => {
  const { server, user, accessToken } = await signedIn()
  const older = resigned(server.dataDir, accessToken, { claims: { client_id: undefined } })
  expect((await server.session(older)).status).toBe(200)
  const answer = (await (await server.introspect(older)).json()) as object
  expect(answer).toMatchObject({ active: true, sub: user.id })
  expect(answer).not.toHaveProperty('client_id')
})

test('refuses a token that names another user than its session', async () => {
  const { server, accessToken } = await signedIn()
  const eve = await server.addUser('eve@example.com')
  const mixed = resigned(server.dataDir, accessToken, { claims: { sub: eve.id } })
  expect(await (await server.introspect(mixed)).json()).toEqual({ active: false })
  const answer = await server.session(mixed)
  expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'session_ended' }])
})

test.each(['unavailable', 'server_busy', 'forbidden', 'too_many_requests'] as const)(
  'does not report "inactive" on a temporary error: %s',
  async (code) => {
    for (const error of [new AuthError(code, 'for a test'), new FlowError(code)]) {
      const verify = () => Promise.reject(error)
      await expect(introspect({ verifier: { verify } } as unknown as Context, 'x')).rejects.toBe(error)
    }
  },
)

test('does not report "inactive" on an unexpected error, even with the code of a refusal', async () => {
  const error = Object.assign(new Error('a fault'), { code: 'token_invalid' })
  const verify = () => Promise.reject(error)
  await expect(introspect({ verifier: { verify } } as unknown as Context, 'x')).rejects.toBe(error)
})

test('does not report "inactive" on a database error', async () => {
  const { server, accessToken } = await signedIn()
  await server.sallyport.close()
  expect((await server.introspect(accessToken)).status).toBeGreaterThanOrEqual(500)
})

describe('by form, as in RFC 7662 section 2.1', () => {
  test.each([form, 'Application/X-WWW-Form-URLEncoded; charset=UTF-8'])(
    'accepts a form of type %s',
    async (type) => {
      const { server, user, accessToken } = await signedIn()
      const answer = await sendForm(server, `token=${accessToken}`, {}, type)
      expect(await answer.json()).toMatchObject({ active: true, sub: user.id })
      // The response must not be cached.
      expect(answer.headers.get('cache-control')).toBe('private, no-store')
      expect(await (await sendForm(server, 'token=x')).text()).toBe('{"active":false}')
    },
  )

  test('ignores token_type_hint and unknown fields', async () => {
    const { server, accessToken, refreshToken } = await signedIn()
    const ask = async (body: string) =>
      ((await (await sendForm(server, body)).json()) as { active: boolean }).active
    for (const hint of ['access_token', 'refresh_token', 'whatever'])
      expect(await ask(`token_type_hint=${hint}&client_id=a&token=${accessToken}`)).toBe(true)
    expect(await ask(`token_type_hint=refresh_token&token=${refreshToken}`)).toBe(false)
    const json = { token: accessToken, token_type_hint: 'access_token' }
    const answer = await server.post(paths.introspect, json, bearer(verifierSecret))
    expect(await answer.json()).toMatchObject({ active: true })
  })

  test.each(['', 'token=', 'tokens=x', 'token=x&token=x', 'token_type_hint=access_token'])(
    'refuses %j, which does not have exactly one `token`',
    async (body) => {
      const { server } = await signedIn()
      const answer = await sendForm(server, body)
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ code: 'invalid_request', errors: [{ field: 'token' }] })
    },
  )

  test('refuses a form that is too large, compressed, multipart or from another site', async () => {
    const { server, accessToken } = await signedIn()
    expect((await sendForm(server, `token=${'x'.repeat(16_384)}`)).status).toBe(413)
    const body = `token=${accessToken}`
    expect((await sendForm(server, body, { 'content-encoding': 'gzip' })).status).toBe(415)
    expect((await sendForm(server, body, {}, 'multipart/form-data; boundary=x')).status).toBe(415)
    expect((await sendForm(server, body, { origin: 'https://evil.example' })).status).toBe(403)
  })

  test('accepts the credential as password of `Basic` with any name; a wrong one gets a `Basic` challenge', async () => {
    const { server, accessToken } = await signedIn()
    const ask = (headers: Record<string, string>) => sendForm(server, `token=${accessToken}`, headers)
    for (const name of ['billing-api', '', 'a name'])
      expect((await ask(basic(name, verifierSecret))).status).toBe(200)
    for (const wrong of [
      basic('billing-api', `${verifierSecret}x`),
      basic('billing-api', ''),
      basic(verifierSecret, ''),
      { authorization: `Basic ${Buffer.from(verifierSecret).toString('base64')}` },
      { authorization: `Basic ${verifierSecret}` },
      { authorization: 'Basic' },
    ]) {
      const answer = await ask(wrong)
      expect(answer.status).toBe(401)
      expect(await answer.json()).toMatchObject({ code: 'client_unauthorized' })
    }
    const refused = await ask(basic('billing-api', 'wrong'))
    expect(refused.headers.get('www-authenticate')).toBe('Basic realm="verifiers"')
    expect((await ask({ authorization: 'Bearer wrong' })).headers.get('www-authenticate')).toBe('Bearer')
  })

  test.each([
    '4+4/8Tq2LmZr7VbNc4KwHs8PdY6Wk3ZsJuGe==',
    'a:b%41&c=d 9XfTq2LmZr7VbNc4KwHs8',
    'ä9XfTq2LmZr7VbNc4KwHs8PdY6Wk3ZsJuGe',
  ])('accepts the secret %j in `Basic`, form-encoded or not [RFC 6749]', async (secret) => {
    const server = await startSallyport({ verifierSecrets: [secret] })
    await server.addUser()
    const { accessToken } = await server.signIn()
    const encoded = new URLSearchParams({ p: secret }).toString().slice(2)
    for (const spelling of [secret, encoded, encodeURIComponent(secret)]) {
      const answer = await sendForm(server, `token=${accessToken}`, basic('api', spelling))
      expect([spelling, answer.status]).toEqual([spelling, 200])
    }
  })
})
