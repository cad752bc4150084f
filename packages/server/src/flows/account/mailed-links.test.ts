import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { validMinutes } from '../../services/one-time-link.ts'
import { bearer, password, requireTokens, startSallyport } from '../../testing/sallyport.ts'
import { freshStore, storeKinds } from '../../testing/stores.ts'

const mallory = { email: 'mallory@example.com', password, name: 'Mallory', transport: 'bearer' }
const cfo = 'cfo@customer.example'
const newPassword = 'a better one than before'

test('links that change an account are valid for an hour, links that verify an address for a day [P01]', () => {
  expect(validMinutes).toEqual({
    sign_up: 1_440,
    verify_address: 1_440,
    reset_password: 60,
    change_address: 60,
    decoy: 60,
  })
})

describe.each(storeKinds)('on %s', (kind) => {
  async function started(options: Parameters<typeof startSallyport>[0] = {}) {
    const store = await freshStore(kind)
    const server = await startSallyport({
      ...store.options,
      developmentInbox: true,
      emailVerification: 'sign-in',
      ...options,
    })
    const post = (path: string, body: object, headers: Record<string, string> = {}) => {
      server.clock.now += 1
      return server.post(path, body, headers)
    }
    const tokenFor = async (address: string): Promise<string> => {
      const { mails } = (await (await server.get(paths.inbox)).json()) as {
        mails: { to: string; text: string }[]
      }
      const mail = mails.find(({ to, text }) => to === address && text.includes('#token='))
      return /#token=([\w-]{43})/.exec(mail?.text ?? '')?.[1] ?? 'there is no such mail'
    }
    const statusOf = async (path: string, body: object, headers = {}) =>
      (await post(path, body, headers)).status
    const signIn = (email: string, secret: string) =>
      statusOf(paths.signIn, { email, password: secret, transport: 'bearer' })
    /** A signed-in user with a verified address. */
    const person = async (details = mallory) => {
      await post(paths.signUp, details)
      const proof = { token: await tokenFor(details.email), password: details.password, transport: 'bearer' }
      return requireTokens(await post(paths.verifyAddress, proof))
    }
    /** Returns the rows that a click must not change. */
    const stored = async () => {
      const rows: unknown[] = []
      for (const table of ['user', 'credential', 'session', 'one_time_token'])
        rows.push(await store.query(`select * from "${table}"`))
      return JSON.stringify(rows)
    }
    return { server, store, post, tokenFor, statusOf, signIn, person, stored }
  }
  type World = Awaited<ReturnType<typeof started>>

  type Link = {
    path: string
    options?: Parameters<typeof startSallyport>[0]
    /** Requests the link. Returns its token, and the access token of the user who requested it, if any. */
    ask(world: World): Promise<{ token: string; accessToken: string | null }>
    /** Whether a session of the account that requested the link is enough. */
    isEnoughSignedIn: boolean
    /** What the user who requested the link must send with it when signed out. */
    proof: object
    answer: number
  }
  const links: Record<string, Link> = {
    'the verification of an address, before the account exists': {
      path: paths.verifyAddress,
      async ask({ post, tokenFor }) {
        await post(paths.signUp, { ...mallory, email: cfo })
        return { token: await tokenFor(cfo), accessToken: null }
      },
      isEnoughSignedIn: false,
      proof: { password, transport: 'bearer' },
      answer: 200,
    },
    'the verification of the address of an account': {
      path: paths.verifyAddress,
      options: { emailVerification: 'permissions', verifiedPermissions: 'invoice:read' },
      async ask({ post, tokenFor }) {
        const tokens = await requireTokens(await post(paths.signUp, { ...mallory, email: cfo }))
        return { token: await tokenFor(cfo), accessToken: tokens.accessToken }
      },
      isEnoughSignedIn: true,
      proof: { password, transport: 'bearer' },
      answer: 200,
    },
    'a change of address': {
      path: paths.confirmAddress,
      async ask({ post, tokenFor, person }) {
        const { accessToken } = await person()
        await post(paths.changeAddress, { newEmail: cfo, password }, bearer(accessToken))
        return { token: await tokenFor(cfo), accessToken }
      },
      isEnoughSignedIn: true,
      proof: { password },
      answer: 204,
    },
    'a password reset': {
      path: paths.resetPassword,
      async ask({ post, tokenFor, person }) {
        const { accessToken } = await person()
        await post(paths.forgotPassword, { email: mallory.email })
        return { token: await tokenFor(mallory.email), accessToken }
      },
      isEnoughSignedIn: false,
      proof: { newPassword },
      answer: 204,
    },
  }

  // These rules do not depend on the store, so SQLite is enough.
  const tried = kind === 'SQLite' ? Object.entries(links) : []
  describe.each(tried)('a click alone on the link for %s', (_, link) => {
    test('changes nothing, for every visitor, and does not use up the link', async () => {
      const world = await started(link.options)
      const { server, post, statusOf, stored } = world
      await server.addUser('other@example.com')
      const other = await server.signIn('other@example.com')
      const { token, accessToken } = await link.ask(world)
      const before = await stored()
      const clicks: Record<string, () => Promise<{ status: number }>> = {
        'a mail scanner, GET': () => server.get(link.path),
        'a mail scanner, HEAD': () => server.fetch(link.path, { method: 'HEAD' }),
        'a mail scanner with scripts, signed out': () => post(link.path, { token }),
        'another user, signed in': () => post(link.path, { token }, bearer(other.accessToken)),
        'another person, with their own password': () =>
          post(link.path, { token, password: 'the password of the owner of the address' }),
        ...(accessToken !== null &&
          !link.isEnoughSignedIn && {
            'the user who requested it, signed in': () => post(link.path, { token }, bearer(accessToken)),
          }),
      }
      for (const [who, click] of Object.entries(clicks)) {
        const { status } = await click()
        expect([status, status >= 400 && status < 500], who).toEqual([status, true])
        expect(await stored(), who).toBe(before)
      }
      expect(await statusOf(link.path, { token, ...link.proof })).toBe(link.answer)
      expect(await statusOf(link.path, { token, ...link.proof })).toBe(400)
    })

    if (link.isEnoughSignedIn)
      test('works for the user who requested it, when signed in', async () => {
        const world = await started(link.options)
        const { token, accessToken } = await link.ask(world)
        expect(await world.statusOf(link.path, { token }, bearer(accessToken ?? ''))).toBe(link.answer)
        const user = await world.server.sallyport.operator.users.find(cfo)
        expect(user).toMatchObject({ email: cfo, emailVerified: true })
      })
  })

  test('a click by the owner of an address does not give it to the account that requested it [A18]', async () => {
    const { server, post, person, tokenFor } = await started()
    const { accessToken } = await person()
    await post(paths.changeAddress, { newEmail: cfo, password }, bearer(accessToken))
    const answer = await post(paths.confirmAddress, { token: await tokenFor(cfo) })
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      {
        code: 'invalid_request',
        errors: [{ field: 'password', message: expect.stringContaining('requested') }],
      },
    ])
    expect(await server.sallyport.operator.users.find(cfo)).toBeNull()
  })

  test('wrong passwords at the confirmation count as wrong passwords of that account', async () => {
    const { post, statusOf, person, tokenFor } = await started()
    const { accessToken } = await person()
    await post(paths.changeAddress, { newEmail: cfo, password }, bearer(accessToken))
    const token = await tokenFor(cfo)
    const answers = new Set<number>()
    for (let guess = 0; guess < 12; guess++)
      answers.add(await statusOf(paths.confirmAddress, { token, password: `guess number ${guess}` }))
    expect(answers).toEqual(new Set([400, 429]))
  })

  describe('a pending change of address is cancelled', () => {
    const ends: Record<string, (world: World, accessToken: string) => Promise<unknown>> = {
      'when the password is reset': async ({ post, tokenFor }) => {
        await post(paths.forgotPassword, { email: mallory.email })
        await post(paths.resetPassword, { token: await tokenFor(mallory.email), newPassword: password })
      },
      'when the password is changed, because somebody else may have known the old one': (
        { post },
        accessToken,
      ) => post(paths.changePassword, { currentPassword: password, newPassword }, bearer(accessToken)),
      'when another change is requested': ({ post }, accessToken) =>
        post(paths.changeAddress, { newEmail: 'third@example.com', password }, bearer(accessToken)),
      'when a change to a taken address is requested, without revealing this [A01]': async (
        { server, post },
        accessToken,
      ) => {
        await server.addUser('taken@example.com')
        await post(paths.changeAddress, { newEmail: 'taken@example.com', password }, bearer(accessToken))
      },
      'when the account is marked for deletion': ({ server }, accessToken) =>
        server.fetch(paths.readProfile, {
          method: 'DELETE',
          headers: { 'content-type': 'application/json', ...bearer(accessToken) },
          body: JSON.stringify({ password }),
        }),
      'when the account is disabled': async ({ server }) => {
        const user = await server.sallyport.operator.users.find(mallory.email)
        await server.sallyport.operator.users.disable(user?.id ?? '')
      },
    }
    test.each(Object.entries(ends))('%s', async (_, end) => {
      const world = await started()
      const { server, post, person, tokenFor } = world
      const { accessToken } = await person()
      await post(paths.changeAddress, { newEmail: cfo, password }, bearer(accessToken))
      const token = await tokenFor(cfo)
      await end(world, accessToken)
      for (const secret of [password, newPassword]) {
        const answer = await post(paths.confirmAddress, { token, password: secret })
        expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'link_invalid' }])
      }
      expect(await server.sallyport.operator.users.find(cfo)).toBeNull()
    })
  })

  test('a disabled user cannot change the address with a valid link', async () => {
    const { server, store, post, person, tokenFor } = await started()
    const { accessToken } = await person()
    await post(paths.changeAddress, { newEmail: cfo, password }, bearer(accessToken))
    const token = await tokenFor(cfo)
    await store.query('update "user" set "disabledAt" = 1')
    const answer = await post(paths.confirmAddress, { token, password })
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'link_invalid' }])
    expect(await server.sallyport.operator.users.find(cfo)).toBeNull()
  })

  describe('an account that somebody else created with the address of its later owner [A17]', () => {
    /** Mallory signs up with the CFO's address before it is verified, and creates sessions, links and known devices. */
    async function prepared() {
      const world = await started({ emailVerification: 'permissions', verifiedPermissions: 'invoice:read' })
      const { post, tokenFor } = world
      const details = { ...mallory, email: cfo }
      const tokens = await requireTokens(await post(paths.signUp, details))
      const proof = await tokenFor(cfo)
      await post(paths.forgotPassword, { email: cfo })
      const reset = await tokenFor(cfo)
      await post(paths.changeAddress, { newEmail: mallory.email, password }, bearer(tokens.accessToken))
      const change = await tokenFor(mallory.email)
      expect(await world.store.query('select * from known_device')).toHaveLength(1)
      return { ...world, tokens, proof, reset, change }
    }

    test('belongs to the owner alone after a password reset: sessions, password, links and known browsers are gone', async () => {
      const { server, store, post, statusOf, signIn, tokenFor, tokens, proof, reset, change } =
        await prepared()
      await post(paths.forgotPassword, { email: cfo })
      const own = await tokenFor(cfo)
      expect(await statusOf(paths.resetPassword, { token: own, newPassword })).toBe(204)
      expect((await server.session(tokens.accessToken)).status).toBe(401)
      expect((await server.refresh(tokens.refreshToken)).status).toBe(401)
      expect(await signIn(cfo, password)).toBe(401)
      expect(await statusOf(paths.confirmAddress, { token: change, password })).toBe(400)
      expect(await statusOf(paths.verifyAddress, { token: proof, password, transport: 'bearer' })).toBe(400)
      expect(await statusOf(paths.resetPassword, { token: reset, newPassword: password })).toBe(400)
      expect(await store.query('select * from known_device')).toEqual([])
      expect(await signIn(cfo, newPassword)).toBe(200)
    })

    test('loses its earlier sessions, links and known browsers once the address is verified', async () => {
      const { server, store, statusOf, tokens, proof, reset, change } = await prepared()
      const other = await server.signIn(cfo)
      expect(await statusOf(paths.verifyAddress, { token: proof }, bearer(tokens.accessToken))).toBe(200)
      expect((await server.refresh(other.refreshToken)).status).toBe(401)
      expect(await statusOf(paths.confirmAddress, { token: change, password })).toBe(400)
      expect(await statusOf(paths.resetPassword, { token: reset, newPassword })).toBe(400)
      expect(await store.query('select * from known_device')).toEqual([])
    })
  })
})
