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
  it('and says nothing of when the password was typed: a new token does not count as fresh proof', async () => {
    expect(await authenticatedAt({}, await startCustom())).toBe(0)
    expect(await authenticatedAt({ auth_time: 1_700_000_000 }, await startCustom())).toBe(1_700_000_000_000)
  })

  it('and takes no more than it knows: a sign-in is the address and the password, without a name', async () => {
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

  it('and has one refresh token per person: whoever signs in a second time is not signed out by it', async () => {
    const { backend, page, open } = await startCustom()
    await page.signIn()
    const { refreshToken = '' } = page.jar()
    backend.answers['POST /login'] = { status: 200, body: { ...(await backend.signIn()), refreshToken } }
    await page.signIn()
    expect(backend.count('POST /logout')).toBe(0)
    expect(await open({ refreshToken }).principal()).toMatchObject({ userId: '7' })
  })

  it('a sign-in over an older session ends that one', async () => {
    const { backend, page } = await startCustom()
    await page.signIn()
    await page.signIn()
    expect(backend.count('POST /logout')).toBe(1)
    expect(backend.live).toEqual(new Set([page.jar().refreshToken]))
  })

  it('a mistake in principal() signs nobody out', async () => {
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

  it('a 401 to `profile` is as good as one to any other call: the next request renews', async () => {
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

it('complaints that differ from person to person neither fill the console nor the memory', () => {
  for (let person = 0; person < 300; person++) report(`nobody knows ${person}`)
  expect(complaints.mock.calls.length).toBeLessThanOrEqual(100)
  expect(complaints).toHaveBeenCalledWith('Sallyport, customIssuer: nobody knows 0')
})
