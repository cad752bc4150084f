import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { bearer, claimsOf, password, requireTokens, startSallyport } from '../../testing/sallyport.ts'
import { freshStore, storeKinds } from '../../testing/stores.ts'

const email = 'eve@example.com'
const details = { email, password, name: 'Eve', transport: 'bearer' }
const later = { emailVerification: 'permissions', verifiedPermissions: 'invoice:read' } as const

describe.each(storeKinds)('the proof of an address, on %s', (kind) => {
  async function started(options: Parameters<typeof startSallyport>[0] = { emailVerification: 'sign-in' }) {
    const store = await freshStore(kind)
    const server = await startSallyport({ ...store.options, developmentInbox: true, ...options })
    const post = (path: string, body: object, headers: Record<string, string> = {}) => {
      server.clock.now += 1
      return server.post(path, body, headers)
    }
    /** The secrets of the links that were mailed to somebody, oldest first. */
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

  test('P01: asked for again with an account, the newer link works and the older does not; proven, there is no other', async () => {
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

  test('A01: nobody else is mailed: not an unknown address, nor none, nor one that did not go on in time', async () => {
    const { server, store, post, linksTo, askAgain } = await started()
    for (const address of ['nobody@example.com', 'no address at all']) {
      await askAgain(address)
      expect(await linksTo(address)).toEqual([])
      // The same work is done for them (A02).
      expect(await store.query('select purpose from one_time_token')).toContainEqual({ purpose: 'decoy' })
      await store.query('delete from one_time_token')
    }
    await post(paths.signUp, details)
    server.clock.advance(86_400)
    await askAgain(email)
    expect(await linksTo()).toHaveLength(1)
  })

  test('A17: a link to sign up does nothing to an account that an operator has made meanwhile', async () => {
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

  test('signed out, the password opens a session; signed in, it is not asked for, and there is no other session', async () => {
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

  test('a fault while the session is opened is not taken for an answer without one', async () => {
    const { store, post, linksTo, verify } = await started()
    await post(paths.signUp, details)
    await store.query('alter table session rename to away')
    expect((await verify((await linksTo())[0])).status).toBe(500)
    await store.query('alter table away rename to session')
    // The link is spent, the account is there.
    expect((await post(paths.signIn, { email, password, transport: 'bearer' })).status).toBe(200)
  })

  test('A01: a link that goes to nobody is no link: for an address that is taken, or nobody’s', async () => {
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

  test('what waits for a proof and cannot be read makes no account', async () => {
    const { store, post, linksTo, askAgain, verify } = await started()
    await post(paths.signUp, details)
    await store.query(`update one_time_token set details = 'garbage'`)
    const [link] = await linksTo()
    expect((await verify(link)).status).toBe(400)
    await askAgain(email)
    expect(await linksTo()).toHaveLength(1)
    expect(await store.query('select id from "user"')).toEqual([])
  })

  test('ASVS 16.3.1: a sign-up on an address that is taken stands in the trail of its account', async () => {
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
