import { paths } from '@sallyport/protocol/endpoints'
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import { startCustom } from '../../testing/custom-pages.ts'
import { report } from './report.ts'

let complaints: MockInstance<typeof console.error>
beforeEach(() => {
  complaints = vi.spyOn(console, 'error').mockReturnValue()
})
afterEach(() => complaints.mockRestore())

const authenticatedAt = async (
  claims: object,
  { page, backend }: Awaited<ReturnType<typeof startCustom>>,
): Promise<number> => {
  await page.signIn()
  backend.answers['GET /me'] = { status: 200, body: { id: 7, ...claims } }
  const { body } = await page.ask('GET', paths.readSession)
  return (body as { principal: { authenticatedAt: number } }).principal.authenticatedAt
}

describe('a backend that issues tokens itself', () => {
  it('does not treat a new token as a recent password confirmation', async () => {
    expect(await authenticatedAt({}, await startCustom())).toBe(0)
    expect(await authenticatedAt({ auth_time: 1_700_000_000 }, await startCustom())).toBe(1_700_000_000_000)
  })

  it('sends only address and password for a sign-in', async () => {
    const given: object[] = []
    const { page } = await startCustom({
      login(credentials, send) {
        given.push(credentials)
        return send('POST', '/login', credentials)
      },
    })
    await page.signIn()
    expect(given).toEqual([{ email: 'ada@example.com', password: 'right' }])
  })

  it('keeps both sign-ins if they share one refresh token', async () => {
    const { backend, page, open } = await startCustom()
    await page.signIn()
    const { refreshToken = '' } = page.jar()
    backend.answers['POST /login'] = { status: 200, body: { ...(await backend.signIn()), refreshToken } }
    await page.signIn()
    expect(backend.count('POST /logout')).toBe(0)
    expect(await open({ refreshToken }).principal()).toMatchObject({ userId: '7' })
  })

  it('ends the older session of the browser at a new sign-in', async () => {
    const { backend, page } = await startCustom()
    await page.signIn()
    await page.signIn()
    expect(backend.count('POST /logout')).toBe(1)
    expect(backend.live).toEqual(new Set([page.jar().refreshToken]))
  })

  it('signs nobody out for an error in principal()', async () => {
    let broken = false
    const { page } = await startCustom({
      principal({ id, roles }) {
        if (broken) throw new Error('roles is undefined')
        return { userId: id, roles }
      },
    })
    await page.signIn()
    const jar = page.jar()
    broken = true
    expect(await page.principal()).toBe(503)
    expect(page.jar()).toEqual(jar)
    broken = false
    expect(await page.principal()).toMatchObject({ userId: '7' })
  })

  it('renews at the next request after a 401 to `profile`', async () => {
    const { backend, page, runtime } = await startCustom({
      profile: (accessToken, send) => send('GET', '/profile', undefined, { accessToken }),
    })
    await page.signIn()
    const { accessToken = '' } = page.jar()
    backend.answers['GET /profile'] = { status: 401 }
    const browser = { address: null, userAgent: null, requestId: null, device: null }
    expect(await runtime.authServer.call('readProfile', { accessToken }, browser)).toMatchObject({
      problem: { code: 'unavailable' },
    })
    expect(await page.principal()).toMatchObject({ userId: '7' })
    expect(page.jar().accessToken).not.toBe(accessToken)
  })
})

it('limits warnings that differ for each user', () => {
  for (let person = 0; person < 300; person++) report(`nobody knows ${person}`)
  expect(complaints.mock.calls.length).toBeLessThanOrEqual(100)
  expect(complaints).toHaveBeenCalledWith('Sallyport, customIssuer: nobody knows 0')
})
