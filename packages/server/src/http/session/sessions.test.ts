import { paths } from '@sallyport/protocol/endpoints'
import { expect, test } from 'vitest'
import { bearer, claimsOf, origin, startSallyport } from '../../testing/sallyport.ts'
import { clearedCookies } from '../cookies.ts'

const foreign = { origin: 'https://evil.example' }
const cookiesOf = (answer: Response) => answer.headers.getSetCookie()

/** A user who is signed in with a browser and twice as a bearer client. */
async function signedInThrice() {
  const server = await startSallyport()
  await server.addUser()
  const browser = server.browser()
  await browser.signIn()
  const [one, other] = [await server.signIn(), await server.signIn()]
  const idOf = ({ accessToken }: { accessToken: string }) => String(claimsOf(accessToken).sid)
  const ended = () =>
    server.rows<{ endedAt: number | null }>('session').filter(({ endedAt }) => endedAt !== null).length
  const end = (path: string, headers: Record<string, string> = {}) =>
    server.fetch(path, { method: 'DELETE', headers })
  const byBrowser = (path: string) => browser.send('DELETE', path, {})
  return {
    server,
    browser,
    one,
    other,
    idOf,
    ended,
    end,
    byBrowser,
    cleared: clearedCookies(server.sallyport.config),
  }
}

test('lists only the sessions of the caller, the current one first', async () => {
  const { server, one, other, idOf } = await signedInThrice()
  await server.addUser('bob@example.com')
  await server.signIn('bob@example.com')
  const answer = await server.get(paths.listSessions, bearer(one.accessToken))
  const { sessions } = (await answer.json()) as { sessions: { id: string; current: boolean }[] }
  expect(sessions.map(({ current }) => current)).toEqual([true, false, false])
  expect(sessions[0]?.id).toBe(idOf(one))
  expect(sessions.map(({ id }) => id)).toContain(idOf(other))
  expect(answer.headers.get('cache-control')).toBe('private, no-store')
})

test.each([
  'except=all',
  'except=',
  'except',
  'current',
  'Except=current',
  'except=current&except=current',
  'except=current&x=1',
])('refuses except="%s", ends no session, and names the valid value', async (query) => {
  const { one, ended, end, byBrowser } = await signedInThrice()
  const answer = await end(`${paths.listSessions}?${query}`, bearer(one.accessToken))
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({
    code: 'invalid_request',
    errors: [{ field: 'except', message: expect.stringContaining('except=current') }],
  })
  const refused = await byBrowser(`${paths.listSessions}?${query}`)
  expect([refused.status, cookiesOf(refused)]).toEqual([400, []])
  expect(ended()).toBe(0)
})

test('ends all other sessions, and keeps the cookies of the caller', async () => {
  const { browser, ended, byBrowser } = await signedInThrice()
  const answer = await byBrowser(`${paths.listSessions}?except=current`)
  expect([answer.status, await answer.json(), cookiesOf(answer)]).toEqual([200, { ended: 2 }, []])
  expect(ended()).toBe(2)
  expect((await browser.post(paths.refresh)).status).toBe(200)
})

test('ends all sessions, and clears the cookies of a caller that sent some', async () => {
  const { browser, byBrowser, cleared } = await signedInThrice()
  const answer = await byBrowser(paths.listSessions)
  expect([answer.status, await answer.json(), cookiesOf(answer)]).toEqual([200, { ended: 3 }, cleared])
  for (const name of ['accessToken', 'refreshToken']) expect(browser.jar.has(name)).toBe(false)
  const { one, end } = await signedInThrice()
  const bearing = await end(paths.listSessions, bearer(one.accessToken))
  expect([bearing.status, await bearing.json(), cookiesOf(bearing)]).toEqual([200, { ended: 3 }, []])
})

test('ends one session, and clears the cookies only if it is the current one', async () => {
  const { server, browser, one, other, idOf, ended, end, byBrowser, cleared } = await signedInThrice()
  const answer = await byBrowser(`${paths.listSessions}/${idOf(other)}`)
  expect([answer.status, await answer.text(), cookiesOf(answer)]).toEqual([204, '', []])
  expect(answer.headers.get('cache-control')).toBe('private, no-store')
  expect((await server.session(other.accessToken)).status).toBe(401)
  const bearing = await end(`${paths.listSessions}/${idOf(one)}`, bearer(one.accessToken))
  expect([bearing.status, cookiesOf(bearing)]).toEqual([204, []])
  expect(ended()).toBe(2)
  const own = idOf({ accessToken: browser.jar.get('accessToken') ?? '' })
  const last = await byBrowser(`${paths.listSessions}/${own}`)
  expect([last.status, cookiesOf(last)]).toEqual([204, cleared])
  expect(ended()).toBe(3)
})

test('a page of another origin cannot end a session', async () => {
  const { browser, one, other, idOf, ended, end } = await signedInThrice()
  for (const path of [
    paths.listSessions,
    `${paths.listSessions}?except=current`,
    `${paths.listSessions}/${idOf(other)}`,
  ]) {
    for (const answer of [
      await browser.send('DELETE', path, {}, foreign),
      await end(path, { ...bearer(one.accessToken), ...foreign }),
    ])
      expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'origin_refused' }])
  }
  expect(ended()).toBe(0)
  expect((await end(paths.listSessions, { ...bearer(one.accessToken), origin })).status).toBe(200)
})
