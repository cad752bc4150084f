import { type Access, defineAccess } from '@sallyport/protocol'
import { describe, expect, it } from 'vitest'
import { startCustom } from '../testing/custom-pages.ts'
import { createAuthFunction } from './auth.ts'

/** The guard of a page as somebody who is signed in, without any role, opens it; `call` is for calls that the compiler refuses. */
async function signedInGuard<Defined extends Access = Access>(access?: Defined, roles: string[] = []) {
  const { page, runtime } = await startCustom()
  await page.signIn()
  const { accessToken = '' } = page.jar()
  const principal = { ...(await runtime.verifier.verify(accessToken)), roles, permissions: [] }
  const request = {
    headers: new Headers({ origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' }),
    cookieHeader: null,
    isWritable: () => true,
    setCookies: () => {},
  }
  const session = { kind: 'signedIn' as const, principal, accessToken, changes: [] }
  const auth = createAuthFunction(
    () => runtime,
    async () => ({ request, session, isForeign: false }),
    async () => ({ request, kind: 'outside' }),
    access,
  )
  return {
    auth,
    call: auth as unknown as (...asked: unknown[]) => Promise<unknown>,
    require: auth.require as unknown as (...asked: unknown[]) => Promise<unknown>,
  }
}

describe('auth.require', () => {
  it('without arguments, or with only returnTo, requires a signed-in user', async () => {
    const { auth } = await signedInGuard()
    for (const asked of [[], [{}], [{ returnTo: '/profile' }]] as const)
      expect(await auth.require(...asked)).toMatchObject({ userId: '7' })
  })

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a name', 'finance'],
    ['a list', ['finance']],
    ['an empty list', []],
    ['an undefined role', { role: undefined }],
    ['an empty role', { role: '' }],
    ['no role of a list', { role: [] }],
    ['an undefined permission beside returnTo', { returnTo: '/', permission: undefined }],
    ['a misspelt name', { roles: ['finance'] }],
  ])('%s is a TypeError, and does not admit every signed-in user', async (_, asked) => {
    const { require } = await signedInGuard()
    await expect(require(asked)).rejects.toThrow(TypeError)
    await expect(require(asked)).rejects.toThrow(/requirement|required/)
  })
})

describe('with a definition', () => {
  const access = defineAccess({ permissions: ['report:read'], roles: { finance: '*' } })

  it('a name that is not defined neither compiles nor admits anybody', async () => {
    const { auth } = await signedInGuard(access, ['finance', 'admin'])
    // @ts-expect-error The permission is misspelt.
    await expect(auth.require({ permission: 'report:raed' })).rejects.toThrow(
      'There is no permission "report:raed". Did you mean report:read?',
    )
    // @ts-expect-error The role is not defined.
    await expect(auth.meets({ role: ['finance', 'admin'] })).rejects.toThrow('There is no role "admin".')
    expect(await auth.meets({ role: 'finance' })).toBe(true)
    expect(await auth.meets({ permission: 'report:read' })).toBe(false)
    expect(await auth.require({ role: 'finance', returnTo: '/' })).toMatchObject({ userId: '7' })
  })
})

describe('the request of a handler', () => {
  const forged = new Request('http://localhost:3000/own', { method: 'POST' })

  it('must have our Origin if its method changes data', async () => {
    const { auth } = await signedInGuard()
    await expect(auth.require({}, { request: forged })).rejects.toMatchObject({ code: 'origin_refused' })
    expect(await auth({ request: forged })).toBeNull()
  })

  it.each([
    ['the request itself', forged],
    ['undefined in its place', { request: undefined }],
    ['a misspelt name', { req: forged }],
    ['null', null],
  ])('%s is a TypeError, because its method would not be checked', async (_, options) => {
    const { call, require } = await signedInGuard()
    await expect(require({}, options)).rejects.toThrow(/\{ request \}/)
    await expect(call(options)).rejects.toThrow(/\{ request \}/)
  })
})
