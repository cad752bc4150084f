import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type System, startSystem } from '../system/system.ts'
import { createMobileApp } from './mobile-app.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ web: null, env: { auth: { SALLYPORT_ACCESS_TOKEN_TTL_SECONDS: '2' } } })
})
afterAll(() => system?.stop())

const apps: ReturnType<typeof createMobileApp>[] = []
afterEach(() => {
  for (const { setCookies } of apps.splice(0)) expect(setCookies).toEqual([])
})

function install() {
  const app = createMobileApp(system.authUrl, system.apiUrl)
  apps.push(app)
  return app
}

async function signedIn(email = 'finance@example.com') {
  const app = install()
  expect(await app.signIn(email)).toBe(200)
  return app
}

const withToken = (accessToken: string | undefined) =>
  fetch(`${system.apiUrl}/summary`, { headers: { authorization: `Bearer ${accessToken}` } })

/** Resolves when the API refuses the token as expired: two seconds after its issue. */
const expired = (accessToken: string | undefined) =>
  expect
    .poll(async () => ((await (await withToken(accessToken)).json()) as { code?: string }).code, {
      timeout: 20_000,
    })
    .toBe('token_expired')

describe('a mobile app, without any cookie', () => {
  it('signs in, calls the API by its role, and signs out', async () => {
    const app = await signedIn()
    expect(await app.get('/summary')).toBe(200)
    expect(await app.get('/reports/revenue')).toBe(200)
    const member = await signedIn('member@example.com')
    expect(await member.get('/reports/revenue')).toBe(403)
    const { accessToken } = app.tokens ?? {}
    expect(await app.signOut()).toBe(204)
    await expect.poll(async () => (await withToken(accessToken)).status).toBe(401)
    expect(await app.get('/summary')).toBe(401)
  })

  it('renews an expired token, once for twenty requests at the same time', async () => {
    const app = await signedIn()
    await expired(app.tokens?.accessToken)
    const statuses = await Promise.all(Array.from({ length: 20 }, () => app.get('/summary')))
    expect(new Set(statuses)).toEqual(new Set([200]))
  })

  it('two concurrent refreshes get the same tokens; a lost response is harmless [R02, R04]', async () => {
    const app = await signedIn()
    const first = app.tokens
    if (first === null) throw new Error('not signed in')
    await app.renew()
    const second = app.tokens
    app.forgetSince(first)
    await app.renew()
    expect(app.tokens?.refreshToken).toBe(second?.refreshToken)
    expect(await app.get('/summary')).toBe(200)
  })

  it('a token that is two rotations old ends the session for thief and owner [R01]', async () => {
    const app = await signedIn()
    const stolen = app.tokens
    if (stolen === null) throw new Error('not signed in')
    await app.renew()
    await app.renew()
    const thief = install()
    thief.forgetSince(stolen)
    await thief.renew()
    expect(thief.isSignedIn).toBe(false)
    await expect.poll(() => app.get('/summary')).toBe(401)
    expect(app.isSignedIn).toBe(false)
  })

  it('a session ended from another device is refused at its next request', async () => {
    const [app, other] = [await signedIn(), await signedIn()]
    const sessions = `${system.authUrl}/api/auth/sessions?except=current`
    const answer = await fetch(sessions, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${other.tokens?.accessToken}` },
    })
    expect(answer.status).toBe(200)
    await expect.poll(() => app.get('/summary')).toBe(401)
    expect(app.isSignedIn).toBe(false)
    expect(await other.get('/summary')).toBe(200)
  })
})
