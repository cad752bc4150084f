import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { bearer, claimsOf, password, requireTokens, startSallyport } from '../../testing/sallyport.ts'
import { freshStore, storeKinds } from '../../testing/stores.ts'

const email = 'eve@example.com'
const details = { email, password, name: 'Eve', transport: 'bearer' }
const later = { emailVerification: 'permissions', verifiedPermissions: 'invoice:read' } as const

describe.each(storeKinds)('the verification of an address, on %s', (kind) => {
  async function started(options: Parameters<typeof startSallyport>[0] = { emailVerification: 'sign-in' }) {
    const store = await freshStore(kind)
    const server = await startSallyport({ ...store.options, developmentInbox: true, ...options })
    const post = (path: string, body: object, headers: Record<string, string> = {}) => {
      server.clock.now += 1
      return server.post(path, body, headers)
    }
    /** Returns the tokens of the links that were mailed to this address, oldest first. */
    const linksTo = async (address = email): Promise<string[]> => {
      const { mails } = (await (await server.get(paths.inbox)).json()) as {
        mails: { to: string; text: string }[]
      }
      return mails
        .filter(({ to }) => to === address)
        .reverse()
        .map(({ text }) => /#token=([\w-]+)/.exec(text)?.[1] ?? 'a mail without a link')
    }
    const askAgain = async (address: string) =>
      expect((await post(paths.resendVerification, { email: address })).status).toBe(202)
    const verify = (token: string | undefined, proof: object = { password }, headers = {}) =>
      post(paths.verifyAddress, { token, transport: 'bearer', ...proof }, headers)
    const sessions = async () => (await store.query('select id from session where "endedAt" is null')).length
    return { server, store, post, linksTo, askAgain, verify, sessions }
  }

  test('sends another link to an unverified account, which replaces the older; once verified, none [P01]', async () => {
    const { post, linksTo, askAgain, verify } = await started(later)
    await post(paths.signUp, details)
    await askAgain(email)
    const [older, newer, ...others] = await linksTo()
    expect(others).toEqual([])
    expect((await verify(older)).status).toBe(400)
    expect((await verify(newer)).status).toBe(200)
    await askAgain(email)
    expect(await linksTo()).toHaveLength(2)
  })

  test('mails no link to an unknown or invalid address, nor for an expired sign-up [A01]', async () => {
    const { server, store, post, linksTo, askAgain } = await started()
    for (const address of ['nobody@example.com', 'no address at all']) {
      await askAgain(address)
      expect(await linksTo(address)).toEqual([])
      // The same work is done for them.
      expect(await store.query('select purpose from one_time_token')).toContainEqual({ purpose: 'decoy' })
      await store.query('delete from one_time_token')
    }
    await post(paths.signUp, details)
    server.clock.advance(86_400)
    await askAgain(email)
    expect(await linksTo()).toHaveLength(1)
  })

  test('a sign-up link does not change an account that an operator has created meanwhile [A17]', async () => {
    const { server, store, post, linksTo, askAgain, verify, sessions } = await started()
    await post(paths.signUp, { ...details, password: 'what a stranger has chosen' })
    const [link] = await linksTo()
    await server.addUser(email)
    const before = await store.query('select * from credential')
    const answer = await verify(link, { password: 'what a stranger has chosen' })
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'link_invalid' }])
    expect(await store.query('select * from credential')).toEqual(before)
    expect(await sessions()).toBe(0)
    await askAgain(email)
    expect(await linksTo()).toHaveLength(1)
  })

  test('signed out, needs the password and opens a session; signed in, needs none and opens none', async () => {
    const { post, linksTo, verify, sessions } = await started(later)
    const first = await requireTokens(await post(paths.signUp, details))
    const [link] = await linksTo()
    const answer = await verify(link, {}, bearer(first.accessToken))
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { user: expect.objectContaining({ email, emailVerified: true }) },
    ])
    expect(await sessions()).toBe(1)
    const other = { ...details, email: 'bob@example.com' }
    await post(paths.signUp, other)
    const [proof] = await linksTo(other.email)
    const tokens = await requireTokens(await verify(proof))
    expect(claimsOf(tokens.accessToken)).toMatchObject({ permissions: ['invoice:read'] })
    expect(await sessions()).toBe(2)
  })

  test('the tokens of the new session are current: the first request needs no refresh', async () => {
    const { server, post, linksTo, verify } = await started(later)
    await post(paths.signUp, details)
    const [link] = await linksTo()
    const { accessToken } = await requireTokens(await verify(link))
    expect((await server.get(paths.readProfile, bearer(accessToken))).status).toBe(200)
    expect((await server.session(accessToken)).status).toBe(200)
  })

  test('an error while the session is opened is reported as an error', async () => {
    const { store, post, linksTo, verify } = await started()
    await post(paths.signUp, details)
    await store.query('alter table session rename to away')
    expect((await verify((await linksTo())[0])).status).toBe(500)
    await store.query('alter table away rename to session')
    // The link is used, and the account exists.
    expect((await post(paths.signIn, { email, password, transport: 'bearer' })).status).toBe(200)
  })

  test('stores only a decoy for every request with a taken or unknown address [A01]', async () => {
    const { server, store, post, askAgain } = await started()
    await server.addUser(email)
    const purposes = async () => {
      const rows = await store.query<{ purpose: string }>('select purpose from one_time_token')
      await store.query('delete from one_time_token')
      return rows.map(({ purpose }) => purpose)
    }
    await post(paths.signUp, details)
    expect(await purposes()).toEqual(['decoy'])
    await askAgain('nobody@example.com')
    expect(await purposes()).toEqual(['decoy'])
    await server.addUser('bob@example.com')
    const { accessToken } = await server.signIn('bob@example.com')
    await post(paths.changeAddress, { newEmail: email, password }, bearer(accessToken))
    expect(await purposes()).toEqual(['decoy'])
    await post(paths.forgotPassword, { email: 'nobody@example.com' })
    expect(await purposes()).toEqual(['decoy'])
  })

  test('a pending sign-up that cannot be read creates no account', async () => {
    const { store, post, linksTo, askAgain, verify } = await started()
    await post(paths.signUp, details)
    await store.query(`update one_time_token set details = 'garbage'`)
    const [link] = await linksTo()
    expect((await verify(link)).status).toBe(400)
    await askAgain(email)
    expect(await linksTo()).toHaveLength(1)
    expect(await store.query('select id from "user"')).toEqual([])
  })

  test('a sign-up with a taken address is recorded in the audit log of its account [ASVS 16.3.1]', async () => {
    const { server, store, post } = await started()
    const { id } = await server.addUser(email)
    await post(paths.signUp, details)
    expect(
      await store.query('select "userId", actor from audit_event where action = \'sign_up\' order by at, id'),
    ).toEqual([
      { userId: id, actor: 'operator' },
      { userId: id, actor: null },
    ])
  })
})
