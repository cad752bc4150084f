import { paths } from '@sallyport/protocol/endpoints'
import { expect, test } from 'vitest'
import { bearer, origin, password, requireTokens, startSallyport } from '../../testing/sallyport.ts'
import { clearedCookies } from '../cookies.ts'

test('a mailed link that signs in by cookie requires an allowed origin; by bearer, a caller without cookies [C09]', async () => {
  const server = await startSallyport()
  await server.addUser()
  const { accessToken } = await server.signIn()
  const codeOf = async (body: object, headers: Record<string, string> = {}) => {
    const answer = await server.post(paths.verifyAddress, { token: 'unknown', ...body }, headers)
    return ((await answer.json()) as { code?: string }).code
  }
  const cookie = 'refreshToken=gone'
  // Only a caller that passes these checks learns that the token is unknown.
  const letIn = await codeOf({}, { origin })
  expect(letIn).not.toBe('origin_refused')
  expect(await codeOf({})).toBe('origin_refused')
  expect(await codeOf({ transport: 'cookie' })).toBe('origin_refused')
  expect(await codeOf({ transport: 'bearer' })).toBe(letIn)
  expect(await codeOf({}, { origin, cookie })).toBe(letIn)
  expect(await codeOf({}, { cookie })).toBe('origin_refused')
  expect(await codeOf({ transport: 'bearer' }, { origin, cookie })).toBe('credential_conflict')
  // A caller who is signed in already gets no cookies: only the address is verified.
  expect(await codeOf({}, bearer(accessToken))).toBe(letIn)
  // With a password, only the password counts, and the caller is signed in.
  expect(await codeOf({ password }, bearer(accessToken))).toBe('origin_refused')
})

/** A user whose address an operator has created, and the mails to that user. */
async function settled() {
  const server = await startSallyport({ developmentInbox: true, emailVerification: 'sign-in' })
  await server.addUser()
  const mails = async () =>
    ((await (await server.get(paths.inbox)).json()) as { mails: { to: string; text: string }[] }).mails
  const linkTo = async (address: string) => {
    server.clock.now += 1
    const mail = (await mails()).find(({ to, text }) => to === address && text.includes('#token='))
    return /#token=([\w-]{43})/.exec(mail?.text ?? '')?.[1] ?? 'there is no such mail'
  }
  return { server, mails, linkTo }
}

const newPassword = 'open the third door'
const forNobodyElse = 'private, no-store'

test('every account route refuses a page of another origin, with any credential', async () => {
  const { server, mails } = await settled()
  const { accessToken, refreshToken } = await server.signIn()
  const email = 'ada@example.com'
  const routes: [method: string, path: string, body: object][] = [
    ['POST', paths.forgotPassword, { email }],
    ['POST', paths.resendVerification, { email }],
    ['POST', paths.resetPassword, { token: 'unknown', newPassword }],
    ['POST', paths.verifyAddress, { token: 'unknown', transport: 'bearer' }],
    ['POST', paths.changeAddress, { newEmail: 'eve@example.com', password }],
    ['POST', paths.confirmAddress, { token: 'unknown' }],
    ['POST', paths.reauthenticate, { password }],
    ['POST', paths.changePassword, { currentPassword: password, newPassword }],
    ['POST', paths.refresh, { refreshToken }],
    ['POST', paths.signOut, { refreshToken }],
    ['POST', paths.introspect, { token: accessToken }],
    ['PATCH', paths.readProfile, { name: 'Eve' }],
    ['DELETE', paths.readProfile, { password }],
  ]
  for (const [method, path, body] of routes) {
    const headers = {
      'content-type': 'application/json',
      origin: 'https://evil.example',
      ...bearer(accessToken),
    }
    const answer = await server.fetch(path, { method, headers, body: JSON.stringify(body) })
    expect([path, answer.status, await answer.json()]).toMatchObject([path, 403, { code: 'origin_refused' }])
  }
  expect(await mails()).toEqual([])
  expect((await server.refresh(refreshToken)).status).toBe(200)
})

test('replaces a forgotten password by a mailed link', async () => {
  const { server, mails, linkTo } = await settled()
  for (const email of ['ada@example.com', 'nobody@example.com', 'no address']) {
    const asked = await server.post(paths.forgotPassword, { email })
    expect([asked.status, await asked.json()]).toEqual([202, { status: 'accepted' }])
  }
  const reset = await server.post(paths.resetPassword, {
    token: await linkTo('ada@example.com'),
    newPassword,
  })
  expect([reset.status, await reset.text(), reset.headers.get('cache-control')]).toEqual([
    204,
    '',
    forNobodyElse,
  ])
  const signIn = { email: 'ada@example.com', transport: 'bearer' }
  expect((await server.post(paths.signIn, { ...signIn, password })).status).toBe(401)
  expect((await server.post(paths.signIn, { ...signIn, password: newPassword })).status).toBe(200)
  expect((await mails()).every(({ to }) => to === 'ada@example.com')).toBe(true)
})

test('verifies an address after a second mail, and changes it by a link', async () => {
  const { server, linkTo } = await settled()
  const eve = { email: 'eve@example.com', password, name: 'Eve', transport: 'bearer' }
  await server.post(paths.signUp, eve)
  const first = await linkTo(eve.email)
  const again = await server.post(paths.resendVerification, { email: eve.email })
  expect([again.status, await again.json()]).toEqual([202, { status: 'accepted' }])
  const second = await linkTo(eve.email)
  expect(second).not.toBe(first)
  const { accessToken } = await requireTokens(
    await server.post(paths.verifyAddress, { token: second, password, transport: 'bearer' }),
  )
  const asked = await server.post(
    paths.changeAddress,
    { newEmail: 'eva@example.com', password },
    bearer(accessToken),
  )
  expect([asked.status, await asked.json()]).toEqual([202, { status: 'accepted' }])
  const confirmed = await server.post(
    paths.confirmAddress,
    { token: await linkTo('eva@example.com') },
    bearer(accessToken),
  )
  expect([confirmed.status, await confirmed.text(), confirmed.headers.get('cache-control')]).toEqual([
    204,
    '',
    forNobodyElse,
  ])
  expect(
    (await server.post(paths.signIn, { ...eve, name: undefined, email: 'eva@example.com' })).status,
  ).toBe(200)
})

test('confirms and changes a password, and refuses a wrong one', async () => {
  const { server } = await settled()
  const { accessToken, refreshToken } = await server.signIn()
  server.clock.advance(200)
  const me = bearer(accessToken)
  const again = (word: string) => server.post(paths.reauthenticate, { password: word }, me)
  expect((await again('wrong')).status).toBe(400)
  const before = server.rows<{ authenticatedAt: number }>('session')[0]?.authenticatedAt
  expect((await again(password)).status).toBe(204)
  expect(server.rows<{ authenticatedAt: number }>('session')[0]?.authenticatedAt).toBe(
    (before ?? 0) + 200_000,
  )
  const data = await server.get(paths.downloadData, me)
  expect(data.headers.get('content-disposition')).toBe('attachment; filename="my-data.json"')
  const changed = await server.post(paths.changePassword, { currentPassword: password, newPassword }, me)
  expect([changed.status, await changed.text(), changed.headers.get('cache-control')]).toEqual([
    204,
    '',
    forNobodyElse,
  ])
  const signIn = { email: 'ada@example.com', password: newPassword, transport: 'bearer' }
  expect((await server.post(paths.signIn, signIn)).status).toBe(200)
  const out = await server.post(paths.signOut, { refreshToken })
  expect([out.status, out.headers.getSetCookie()]).toEqual([204, []])
  expect((await server.refresh(refreshToken)).status).toBe(401)
})

test('deleting an account clears the cookies of a caller that sent some', async () => {
  const { server } = await settled()
  const { accessToken } = await server.signIn()
  const browser = server.browser()
  await browser.signIn()
  const leave = { method: 'DELETE', headers: { 'content-type': 'application/json', ...bearer(accessToken) } }
  const left = await server.fetch(paths.readProfile, { ...leave, body: JSON.stringify({ password }) })
  expect([left.status, await left.json(), left.headers.getSetCookie()]).toEqual([
    202,
    { deleteAt: expect.any(Number) },
    [],
  ])
  const other = server.browser()
  await other.signIn()
  const gone = await other.send('DELETE', paths.readProfile, { password })
  expect([gone.status, gone.headers.getSetCookie()]).toEqual([202, clearedCookies(server.sallyport.config)])
})
