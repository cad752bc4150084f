import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { claimsOf, password, requireTokens, startSallyport } from '../../testing/sallyport.ts'
import { freshStore, storeKinds } from '../../testing/stores.ts'

test('only the gate stores new sessions', () => {
  const src = join(import.meta.dirname, '../..')
  const sources = globSync('**/*.ts', { cwd: src, exclude: ['**/*.test.ts', 'testing/**', 'store/**'] })
  expect(sources.length).toBeGreaterThan(150)
  const openers = sources.filter((file) =>
    /import[^;]*\b(?:openSession|addSession)\b[^;]*?store\/session\.ts'/.test(
      readFileSync(join(src, file), 'utf8'),
    ),
  )
  expect(openers).toEqual([join('flows', 'sign-in', 'gate.ts')])
})

describe.each(storeKinds)('on %s, an account whose address is not verified', (kind) => {
  const email = 'ada@example.com'

  async function started(options: Parameters<typeof startSallyport>[0] = {}) {
    const store = await freshStore(kind)
    const server = await startSallyport({
      ...store.options,
      developmentInbox: true,
      emailVerification: 'sign-in',
      ...options,
    })
    const { id } = await server.addUser(email)
    await store.query('update "user" set "emailVerifiedAt" = null')
    const signIn = (secret = password) =>
      server.post(paths.signIn, { email, password: secret, transport: 'bearer' })
    const links = async () => {
      const answer = await server.get(paths.inbox)
      const { mails } = (await answer.json()) as { mails: { to: string; text: string }[] }
      return mails.flatMap(({ to, text }) =>
        to === email ? (/#token=([\w-]{43})/.exec(text)?.[1] ?? []) : [],
      )
    }
    const events = () =>
      store.query(`select action, result, details, "userId" from audit_event where action = 'sign_in'`)
    return { store, server, id, signIn, links, events }
  }

  test('cannot sign in, gets a new link, and signs in after its use', async () => {
    const { store, server, id, signIn, links, events } = await started()
    const refused = await signIn()
    expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'address_unverified' }])
    expect(refused.headers.getSetCookie()).toEqual([])
    expect(await store.query('select id from session')).toEqual([])
    expect(await events()).toMatchObject([{ result: 'refused', userId: id, details: '{"reason":"address"}' }])
    const [token] = await links()
    const verified = await server.post(paths.verifyAddress, { token, password, transport: 'bearer' })
    expect(claimsOf((await requireTokens(verified)).accessToken).sub).toBe(id)
    expect(claimsOf((await requireTokens(await signIn())).accessToken).sub).toBe(id)
  })

  test('a wrong password is answered as always, without a mail', async () => {
    const { signIn, links } = await started()
    const refused = await signIn('not the password at all')
    expect([refused.status, await refused.json()]).toMatchObject([401, { code: 'invalid_credentials' }])
    expect(await links()).toEqual([])
  })

  test('a right password is never counted as a wrong one, and five mails an hour are sent', async () => {
    const { signIn, links } = await started()
    for (let count = 0; count < 12; count++) expect((await signIn()).status).toBe(403)
    expect(await links()).toHaveLength(5)
  })

  test('a disabled user is answered like a wrong password, without a mail', async () => {
    const { server, id, signIn, links } = await started()
    await server.sallyport.operator.users.disable(id)
    expect((await signIn()).status).toBe(401)
    expect(await links()).toEqual([])
  })

  test.each(['off', 'permissions'] as const)('signs in with the setting %s', async (emailVerification) => {
    const permissions = emailVerification === 'permissions' && { verifiedPermissions: 'invoice:read' }
    const { signIn } = await started({ emailVerification, ...permissions })
    expect((await signIn()).status).toBe(200)
  })
})
