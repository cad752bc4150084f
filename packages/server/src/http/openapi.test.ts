import { errorTable } from '@sallyport/protocol'
import { organizationEndpoints, paths, tokenEndpoints } from '@sallyport/protocol/endpoints'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, test } from 'vitest'
import { routes } from '../testing/every-route.ts'
import { fullDocument } from '../testing/promised.ts'
import { metricsSecret, startSallyport } from '../testing/sallyport.ts'

test('describes every path that exists, and no other', () => {
  const answering = Object.entries(routes).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`),
  )
  expect(operations.map(({ name }) => name).sort()).toEqual(answering.sort())
})

test('a public validator accepts it as OpenAPI 3.1', async () => {
  const validator = new Validator()
  expect(await validator.validate(structuredClone(fullDocument))).toEqual({ valid: true })
  expect(validator.version).toBe('3.1')
})

test('each operation has its own name', () => {
  const names = Object.values(fullDocument.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  )
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) expect(name).toMatch(/^[a-z][A-Za-z\d]+$/)
})

test('no operation accepts or returns a hint, or the answer to a question [ASVS 6.4.2, N-05]', () => {
  const fields = [...JSON.stringify(fullDocument).matchAll(/"properties":\{.*?\}\}/g)]
    .join()
    .replaceAll('token_type_hint', '')
  expect(fields).toContain('currentPassword')
  expect(fields).not.toMatch(/hint|question|answer|birth|maiden/i)
})

test('describes requests by the schemas that check them', () => {
  const schema = fullDocument.paths[paths.signIn]?.post?.requestBody?.content['application/json']?.schema
  expect(schema).toMatchObject({
    type: 'object',
    required: ['email', 'password'],
    additionalProperties: false,
    properties: { password: { type: 'string', maxLength: 1024 }, transport: { enum: ['cookie', 'bearer'] } },
  })
})

const operations = Object.entries(fullDocument.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    ...operation,
  })),
)

/** The codes of each operation, in addition to those of every request, body and kind of caller. Written by hand. */
const own: Record<string, string> = {
  [`POST ${paths.signUp}`]:
    'email_unavailable sign_up_refused invalid_credentials credential_conflict too_many_requests server_busy',
  [`POST ${paths.signIn}`]:
    'address_unverified invalid_credentials credential_conflict too_many_requests server_busy',
  [`POST ${paths.describePendingSignIn}`]: 'sign_in_expired too_many_requests',
  [`POST ${paths.proveSecondFactor}`]:
    'sign_in_expired address_unverified credential_conflict too_many_requests',
  [`POST ${paths.startSecondFactor}`]: 'sign_in_expired too_many_requests',
  [`POST ${paths.finishSecondFactor}`]:
    'sign_in_expired address_unverified credential_conflict too_many_requests',
  [`POST ${paths.requestSignInMail}`]: 'credential_conflict too_many_requests',
  [`POST ${paths.signInWithMailedCode}`]: 'sign_in_mail_expired credential_conflict too_many_requests',
  [`POST ${paths.describeMailedSignIn}`]: 'link_invalid too_many_requests',
  [`POST ${paths.confirmMailedSignIn}`]: 'link_invalid credential_conflict too_many_requests',
  [`POST ${paths.refresh}`]: 'token_missing session_ended credential_conflict too_many_requests',
  [`GET ${paths.listSessions}`]: 'too_many_requests',
  [`DELETE ${paths.listSessions}`]: 'invalid_request too_many_requests',
  [`DELETE ${paths.listSessions}/{id}`]: 'not_found too_many_requests',
  [`POST ${paths.changePassword}`]: 'insufficient_user_authentication too_many_requests server_busy',
  [`POST ${paths.forgotPassword}`]: 'too_many_requests',
  [`POST ${paths.resetPassword}`]: 'link_invalid too_many_requests server_busy',
  [`POST ${paths.resendVerification}`]: 'too_many_requests',
  [`POST ${paths.verifyAddress}`]:
    'link_invalid credential_conflict session_ended too_many_requests server_busy',
  [`POST ${paths.changeAddress}`]: 'insufficient_user_authentication too_many_requests server_busy',
  [`POST ${paths.confirmAddress}`]: 'link_invalid session_ended too_many_requests server_busy',
  [`POST ${paths.reauthenticate}`]: 'too_many_requests server_busy',
  [`PATCH ${paths.readProfile}`]: 'too_many_requests',
  [`DELETE ${paths.readProfile}`]:
    'insufficient_user_authentication last_owner too_many_requests server_busy',
  [`POST ${paths.startPasskeySignIn}`]: 'credential_conflict too_many_requests',
  [`POST ${paths.signInWithPasskey}`]:
    'passkey_refused address_unverified credential_conflict too_many_requests',
  [`POST ${paths.startPasskeySecondFactor}`]: 'passkey_refused sign_in_expired too_many_requests',
  [`POST ${paths.proveSecondFactorWithPasskey}`]:
    'passkey_refused sign_in_expired address_unverified credential_conflict too_many_requests',
  [`POST ${paths.startPasskeySetup}`]: 'sign_in_expired too_many_requests',
  [`POST ${paths.finishPasskeySetup}`]:
    'passkey_refused sign_in_expired address_unverified credential_conflict too_many_requests',
  [`POST ${paths.requestPasskeySignUp}`]: 'not_found sign_up_refused too_many_requests',
  [`POST ${paths.startPasskeySignUp}`]: 'link_invalid too_many_requests',
  [`POST ${paths.signUpWithPasskey}`]: 'link_invalid passkey_refused credential_conflict too_many_requests',
  [`POST ${paths.startPasskeyConfirmation}`]: 'passkey_refused too_many_requests',
  [`POST ${paths.confirmWithPasskey}`]: 'passkey_refused too_many_requests',
  [`GET ${paths.listPasskeys}`]: 'too_many_requests',
  [`POST ${paths.startPasskey}`]: 'insufficient_user_authentication invalid_request too_many_requests',
  [`POST ${paths.listPasskeys}`]: 'passkey_refused insufficient_user_authentication too_many_requests',
  [`PATCH ${paths.listPasskeys}/{id}`]: 'not_found too_many_requests',
  [`DELETE ${paths.listPasskeys}/{id}`]:
    'not_found last_way_in insufficient_user_authentication too_many_requests',
  [`GET ${paths.listActivity}`]: 'too_many_requests',
  [`POST ${paths.startProvider}`]:
    'not_found token_missing token_invalid token_expired token_stale session_ended insufficient_user_authentication identity_mismatch provider_unconfirmed credential_conflict too_many_requests provider_failed',
  [`POST ${paths.holdProviderCallback}`]: 'sign_in_expired too_many_requests',
  [`POST ${paths.finishProvider}`]:
    'not_found token_missing token_invalid token_expired token_stale session_ended insufficient_user_authentication identity_mismatch provider_unconfirmed sign_in_expired provider_refused provider_failed identity_unverified identity_unlinked identity_taken sign_up_refused address_unverified credential_conflict too_many_requests',
  [`POST ${paths.readProviderToken}`]:
    'not_found provider_token_unavailable provider_failed too_many_requests',
  [`GET ${paths.listIdentities}`]: 'too_many_requests',
  [`DELETE ${paths.listIdentities}/{id}`]:
    'not_found insufficient_user_authentication last_way_in too_many_requests',
  [`GET ${paths.downloadData}`]: 'insufficient_user_authentication too_many_requests',
  [`GET ${paths.listFactors}`]: 'too_many_requests',
  [`PATCH ${paths.renameFactor}`]: 'not_found insufficient_user_authentication too_many_requests',
  [`DELETE ${paths.removeFactor}`]:
    'not_found insufficient_user_authentication last_second_factor too_many_requests',
  [`POST ${paths.startTotp}`]: 'insufficient_user_authentication second_factor_off too_many_requests',
  [`POST ${paths.confirmTotp}`]: 'insufficient_user_authentication second_factor_off too_many_requests',
  [`POST ${paths.makeRecoveryCodes}`]: 'insufficient_user_authentication no_second_factor too_many_requests',
  [`DELETE ${paths.forgetTrustedBrowsers}`]: 'too_many_requests',
  [`GET ${paths.listOrganizations}`]: 'invalid_request too_many_requests',
  [`POST ${paths.createOrganization}`]: 'slug_taken too_many_requests',
  [`GET ${paths.readOrganization}`]: 'not_found insufficient_user_authentication',
  [`PATCH ${paths.updateOrganization}`]:
    'slug_taken not_found insufficient_user_authentication forbidden too_many_requests',
  [`DELETE ${paths.deleteOrganization}`]:
    'not_found insufficient_user_authentication forbidden too_many_requests',
  [`POST ${paths.keepOrganization}`]:
    'not_found insufficient_user_authentication forbidden too_many_requests',
  [`POST ${paths.leaveOrganization}`]: 'not_found last_owner too_many_requests',
  [`POST ${paths.transferOrganization}`]:
    'not_found insufficient_user_authentication forbidden too_many_requests',
  [`GET ${paths.listMembers}`]:
    'invalid_request not_found insufficient_user_authentication too_many_requests',
  [`PATCH ${paths.changeMember}`]:
    'last_owner not_found insufficient_user_authentication forbidden too_many_requests',
  [`DELETE ${paths.removeMember}`]:
    'last_owner not_found insufficient_user_authentication forbidden too_many_requests',
  [`GET ${paths.listInvitations}`]:
    'invalid_request not_found insufficient_user_authentication forbidden too_many_requests',
  [`POST ${paths.inviteMember}`]:
    'already_member not_found insufficient_user_authentication forbidden too_many_requests',
  [`POST ${paths.resendInvitation}`]:
    'not_found insufficient_user_authentication forbidden too_many_requests',
  [`DELETE ${paths.revokeInvitation}`]:
    'not_found insufficient_user_authentication forbidden too_many_requests',
  [`GET ${paths.listOrganizationActivity}`]:
    'invalid_request not_found insufficient_user_authentication forbidden too_many_requests',
  [`POST ${paths.describeInvitation}`]: 'link_invalid too_many_requests',
  [`POST ${paths.acceptInvitation}`]:
    'link_invalid invitation_for_other address_unverified too_many_requests',
  [`POST ${paths.tradeToken}`]:
    'token_invalid token_expired token_stale session_ended not_found insufficient_user_authentication',
}
const always = 'credential_conflict unavailable internal_error header_fields_too_large frontend_refused'
const withBody = 'invalid_request unsupported_media_type payload_too_large'
const ofPerson = 'token_missing token_invalid token_expired token_stale session_ended credential_conflict'

test('each operation names every code that it may return, and no other', () => {
  const codesIn = (text: string) => text.split(' ').filter(Boolean)
  for (const { name, security, requestBody, responses } of operations) {
    const kinds = security.flatMap((one) => Object.keys(one)).join()
    const expected = new Set([
      ...codesIn(own[name] ?? ''),
      ...codesIn(always),
      ...(requestBody ? codesIn(withBody) : []),
      ...(name.startsWith('GET ') ? [] : ['origin_refused']),
      ...(['bearer,cookie', 'bearer,frontend'].includes(kinds)
        ? codesIn(ofPerson)
        : kinds === ''
          ? []
          : ['client_unauthorized']),
    ])
    const named = Object.values(responses).flatMap(({ description, content = {} }) =>
      'application/problem+json' in content
        ? [...description.matchAll(/`(\w+)`: /g)].map(([, code = '']) => code)
        : [],
    )
    expect(named.sort(), name).toEqual([...expected].sort())
  }
})

test('each operation describes its success and its body', () => {
  const media: Record<string, string> = {
    [`GET ${paths.revocations}`]: 'text/event-stream',
    [`GET ${paths.reference}`]: 'text/html',
    [`GET ${paths.metrics}`]: 'text/plain',
  }
  for (const { name, responses } of operations) {
    const good = Object.entries(responses).filter(([status]) => Number(status) < 400)
    expect(good.length, name).toBeGreaterThan(0)
    for (const [status, { description, content }] of good) {
      expect(description.length, `${name} ${status}`).toBeGreaterThan(5)
      if (status === '204') {
        expect(content, name).toBeUndefined()
        continue
      }
      const [[type, { schema } = { schema: {} }] = []] = Object.entries(content ?? {})
      expect(type, name).toBe(media[name] ?? 'application/json')
      const forms = (schema.anyOf ?? [schema]) as { type?: string; properties?: object }[]
      const isText = type !== 'application/json'
      for (const form of forms) expect(form.type, name).toBe(isText ? 'string' : 'object')
      if (!isText)
        for (const form of forms) expect(Object.keys(form.properties ?? {}).length, name).toBeGreaterThan(0)
    }
  }
})

test('says which schema has a user, and which body is optional or may be a form', () => {
  const answerOf = (name: string, status = '200') =>
    JSON.stringify(operations.find((one) => one.name === name)?.responses[status]?.content ?? null)
  const withUser = [
    `POST ${paths.signUp}`,
    `POST ${paths.signIn}`,
    `POST ${paths.signInWithMailedCode}`,
    `POST ${paths.confirmMailedSignIn}`,
    `GET ${paths.readSession}`,
    `POST ${paths.verifyAddress}`,
    `GET ${paths.readProfile}`,
    `PATCH ${paths.readProfile}`,
    `GET ${paths.downloadData}`,
  ]
  for (const name of withUser) expect(answerOf(name), name).toContain('"emailVerified"')
  expect(answerOf(`POST ${paths.verifyAddress}`).match(/"emailVerified":/g)?.length).toBe(2)
  expect(answerOf(`GET ${paths.downloadData}`)).toMatch(/"sessions":.*"activity":/)
  const bodies = operations.filter(({ requestBody }) => requestBody)
  expect(bodies.filter(({ requestBody }) => !requestBody?.required).map(({ name }) => name)).toEqual([
    `POST ${paths.describePendingSignIn}`,
    `POST ${paths.startSecondFactor}`,
    `POST ${paths.refresh}`,
    `POST ${paths.signOut}`,
    `POST ${paths.startPasskeySignIn}`,
    `POST ${paths.startPasskeySecondFactor}`,
    `POST ${paths.startPasskeySetup}`,
  ])
  expect(
    bodies
      .filter(({ requestBody }) => 'application/x-www-form-urlencoded' in (requestBody?.content ?? {}))
      .map(({ name }) => name),
  ).toEqual([`POST ${paths.tradeToken}`, `POST ${paths.introspect}`])
  const asked = operations
    .filter(({ name }) => !name.includes('/organizations'))
    .flatMap(({ name, parameters = [] }) => parameters.map((one) => ({ of: name, ...one })))
  expect(asked).toMatchObject([
    {
      of: `DELETE ${paths.listSessions}`,
      name: 'except',
      in: 'query',
      description: expect.stringContaining('is not ended'),
      schema: { const: 'current' },
    },
    {
      of: `DELETE ${paths.listSessions}/{id}`,
      name: 'id',
      in: 'path',
      required: true,
      schema: { type: 'string' },
    },
    { of: `DELETE ${paths.listIdentities}/{id}`, name: 'id', in: 'path', required: true },
    { of: `PATCH ${paths.listPasskeys}/{id}`, name: 'id', in: 'path', required: true },
    { of: `DELETE ${paths.listPasskeys}/{id}`, name: 'id', in: 'path', required: true },
  ])
})

test('has the names of the server and its operations, and only the endpoints that the settings enable', async () => {
  const pathsOf = async (options: Parameters<typeof startSallyport>[0]) => {
    const server = await startSallyport(options)
    const document = (await (await server.get(paths.openApi)).json()) as typeof fullDocument
    expect(document.servers).toEqual([{ url: server.sallyport.config.issuer }])
    return Object.keys(document.paths)
  }
  const all = Object.keys(fullDocument.paths)
  const mailed = [
    paths.requestSignInMail,
    paths.signInWithMailedCode,
    paths.describeMailedSignIn,
    paths.confirmMailedSignIn,
  ]
  const without = (...closed: string[]) => all.filter((path) => !closed.includes(path))
  const organizations = [...Object.values(organizationEndpoints), ...Object.values(tokenEndpoints)].map(
    ({ path }) => path,
  )
  expect(await pathsOf({ developmentInbox: true, mailedSignIn: 'on', metricsSecret })).toEqual(
    without(...organizations),
  )
  expect(await pathsOf({})).toEqual(without(...organizations, ...mailed, paths.metrics, paths.inbox))
  expect(await pathsOf({ metricsSecret })).toEqual(without(...organizations, ...mailed, paths.inbox))
  expect(await pathsOf({ developmentInbox: true })).toEqual(
    without(...organizations, ...mailed, paths.metrics),
  )
  expect(await pathsOf({ developmentInbox: true, mailedSignIn: 'on' })).toEqual(
    without(...organizations, paths.metrics),
  )
  const idOf = (name: string) => operations.find((one) => one.name === name)?.operationId
  expect([idOf(`POST ${paths.signIn}`), idOf(`GET ${paths.jwks}`)]).toEqual(['postAuthLogin', 'getJwksJson'])
  expect(fullDocument.components.schemas.Problem).toMatchObject({
    properties: { code: { enum: Object.keys(errorTable) } },
  })
  expect(fullDocument.components.securitySchemes).toMatchObject({
    bearer: { type: 'http', scheme: 'bearer' },
    cookie: { type: 'apiKey', in: 'cookie', name: 'accessToken' },
    verifier: { type: 'http', scheme: 'bearer' },
    verifierBasic: { type: 'http', scheme: 'basic' },
    monitor: { type: 'http', scheme: 'bearer' },
    frontend: { type: 'apiKey', in: 'header' },
  })
})

describe('where it is served', () => {
  test('with an issuer on localhost: the document, and a page that loads nothing', async () => {
    const server = await startSallyport()
    const document = (await (await server.get(paths.openApi)).json()) as typeof fullDocument
    expect(document.openapi).toMatch(/^3\.1\./)
    expect(document.paths[paths.metrics]).toBeUndefined()
    expect(document.paths[paths.inbox]).toBeUndefined()
    const page = await server.get(paths.reference)
    const html = await page.text()
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    )
    expect(html).not.toMatch(/<script|<link|<img|src=|@import|url\(/)
    for (const path of Object.keys(document.paths)) expect(html).toContain(path)
  })

  test('in production only if the setting enables it', async () => {
    const https = { issuer: 'https://auth.example.com', origins: 'https://app.example.com' }
    const closed = await startSallyport(https)
    for (const path of [paths.openApi, paths.reference]) expect((await closed.get(path)).status).toBe(404)
    const open = await startSallyport({ ...https, apiReference: true })
    expect((await open.get(paths.openApi)).status).toBe(200)
    const shut = await startSallyport({ apiReference: false })
    expect((await shut.get(paths.reference)).status).toBe(404)
  })
})
