import { paths } from '@sallyport/protocol/endpoints'
import { expect, test } from 'vitest'
import { bearer, origin, password, startSallyport } from '../testing/sallyport.ts'
import { clearedCookies } from './cookies.ts'

const headersOf = (answer: Response) => ({
  status: answer.status,
  cache: answer.headers.get('cache-control'),
  cookies: answer.headers.getSetCookie(),
})
const forNobodyElse = { status: 204, cache: 'private, no-store' }

test('a response without a body is not cached, and clears cookies only if the request had some', async () => {
  const server = await startSallyport()
  await server.addUser()
  const { accessToken } = await server.signIn()
  const again = await server.post(paths.reauthenticate, { password }, bearer(accessToken))
  expect(headersOf(again)).toEqual({ ...forNobodyElse, cookies: [] })
  const empty = { method: 'POST', headers: { 'content-type': 'application/json', ...bearer(accessToken) } }
  expect(headersOf(await server.fetch(paths.signOut, empty))).toEqual({ ...forNobodyElse, cookies: [] })
  const other = await server.signIn()
  const change = { currentPassword: password, newPassword: 'open the third door' }
  const changed = await server.post(paths.changePassword, change, bearer(other.accessToken))
  expect(headersOf(changed)).toEqual({ ...forNobodyElse, cookies: [] })
  const stale = { ...empty.headers, origin, cookie: 'refreshToken=gone' }
  expect(headersOf(await server.fetch(paths.signOut, { ...empty, headers: stale }))).toEqual({
    ...forNobodyElse,
    cookies: clearedCookies(server.sallyport.config),
  })
})

test('a refresh requires exactly one token, in the body or in a cookie', async () => {
  const server = await startSallyport()
  await server.addUser()
  const { refreshToken } = await server.signIn()
  const codeOf = async (body: object, headers: Record<string, string> = {}) => {
    const answer = await server.post(paths.refresh, body, headers)
    return [answer.status, ((await answer.json()) as { code?: string }).code]
  }
  expect(await codeOf({})).toEqual([401, 'token_missing'])
  expect(await codeOf({}, { origin, cookie: 'refreshToken=' })).toEqual([401, 'token_missing'])
  const beside = { origin, cookie: 'accessToken=gone' }
  expect(await codeOf({ refreshToken }, beside)).toEqual([401, 'credential_conflict'])
  expect(await codeOf({ refreshToken })).toEqual([200, undefined])
})
