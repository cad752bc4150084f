import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import {
  bearer,
  claimsOf,
  password,
  requireTokens,
  startSallyport,
  type TestServer,
} from '../../testing/sallyport.ts'
import { freshStore, storeKinds } from '../../testing/stores.ts'

const email = 'eve@example.com'
const details = { email, password, name: 'Eve', transport: 'bearer' }
const newPassword = 'a better one than before'

type InboxMail = { to: string; subject: string; text: string; html: string }

describe.each(storeKinds)('on %s', (kind) => {
  async function started(options: Parameters<typeof startSallyport>[0] = {}) {
    const store = await freshStore(kind)
    const started = await startSallyport({
      ...store.options,
      developmentInbox: true,
      emailVerification: 'sign-in',
      productName: 'Ledgerline',
      ...options,
    })
    // Time goes on from request to request, so that what they leave behind has an order.
    const server: TestServer = {
      ...started,
      post(...parameters) {
        started.clock.now += 1
        return started.post(...parameters)
      },
    }
    const inbox = async (): Promise<InboxMail[]> => {
      const { mails } = (await (await server.get(paths.inbox)).json()) as { mails: InboxMail[] }
      return mails.reverse()
    }
    /** The secret of the newest link that was mailed to somebody. */
    const tokenFor = async (address: string): Promise<string> => {
      const mail = (await inbox()).findLast(({ to, text }) => to === address && text.includes('#token='))
      return /#token=([\w-]+)/.exec(mail?.text ?? '')?.[1] ?? ''
    }
    const statusOf = async (path: string, body: object, headers = {}) =>
      (await server.post(path, body, headers)).status
    const signIn = (secret: string, address = email) =>
      statusOf(paths.signIn, { email: address, password: secret, transport: 'bearer' })
    const signUp = async (): Promise<string> => {
      expect(await statusOf(paths.signUp, details)).toBe(202)
      return tokenFor(email)
    }
    const verified = async () => {
      const token = await signUp()
      return requireTokens(await server.post(paths.verifyAddress, { token, password, transport: 'bearer' }))
    }
    return { server, store, inbox, tokenFor, statusOf, signIn, signUp, verified }
  }

  async function isDead(
    server: TestServer,
    { accessToken, refreshToken }: { accessToken: string; refreshToken: string },
  ) {
    const introspected = (await (await server.introspect(accessToken)).json()) as { active: boolean }
    return !introspected.active && (await server.refresh(refreshToken)).status === 401
  }

  describe('signing up where an address must be proven', () => {
    test('makes no account before the proof, then signs in with the password that was chosen', async () => {
      const { server, store, signUp, signIn, statusOf } = await started()
      const token = await signUp()
      expect(await store.query('select id from "user"')).toEqual([])
      expect(await signIn(password)).toBe(401)
      expect(
        await statusOf(paths.verifyAddress, { token, password: 'not the one', transport: 'bearer' }),
      ).toBe(400)
      const answer = await server.post(paths.verifyAddress, { token, password, transport: 'bearer' })
      expect((await requireTokens(answer)).accessToken).toBeTruthy()
      expect(await signIn(password)).toBe(200)
      const [row] = await store.query<{ emailVerifiedAt: number }>('select "emailVerifiedAt" from "user"')
      expect(row?.emailVerifiedAt).toBeGreaterThan(0)
    })

    test('P01, P02: a link works once, for a day, as it is, also when it is used twenty times at once', async () => {
      const { server, signUp, statusOf, store } = await started()
      const token = await signUp()
      for (const other of [`${token}x`, token.slice(0, -1), token.toUpperCase(), '', 'x'.repeat(43)])
        expect(await statusOf(paths.verifyAddress, { token: other, password, transport: 'bearer' })).toBe(400)
      const all = await Promise.all(
        Array.from({ length: 20 }, () =>
          statusOf(paths.verifyAddress, { token, password, transport: 'bearer' }),
        ),
      )
      expect(all.filter((status) => status === 200)).toHaveLength(1)
      expect(new Set(all)).toEqual(new Set([200, 400]))
      expect(JSON.stringify(await store.query('select * from one_time_token'))).not.toContain(token)
      const late = await started()
      const stale = await late.signUp()
      late.server.clock.advance(24 * 3_600)
      expect(await late.statusOf(paths.verifyAddress, { token: stale, password, transport: 'bearer' })).toBe(
        400,
      )
      expect(server.logLines.join('\n')).not.toContain(token)
    })

    test('P01: a newer link kills the older one; and the newer one does what was asked for last', async () => {
      const { signUp, statusOf, tokenFor } = await started()
      const first = await signUp()
      expect(await statusOf(paths.resendVerification, { email: email.toUpperCase() })).toBe(202)
      const second = await tokenFor(email)
      expect(second).not.toBe(first)
      expect(await statusOf(paths.verifyAddress, { token: first, password, transport: 'bearer' })).toBe(400)
      expect(await statusOf(paths.verifyAddress, { token: second, password, transport: 'bearer' })).toBe(200)
    })

    test('A17: whoever set up an account on somebody else’s address is out once the owner proves it', async () => {
      const { server, statusOf, tokenFor, signIn } = await started()
      const attack = 'the attacker waits here'
      await statusOf(paths.signUp, { ...details, password: attack })
      const attackLink = await tokenFor(email)
      // The owner opens the attacker's link by mistake, with a password of their own: nothing opens.
      expect(await statusOf(paths.verifyAddress, { token: attackLink, password, transport: 'bearer' })).toBe(
        400,
      )
      await statusOf(paths.signUp, details)
      const token = await tokenFor(email)
      await requireTokens(await server.post(paths.verifyAddress, { token, password, transport: 'bearer' }))
      expect(
        await statusOf(paths.verifyAddress, { token: attackLink, password: attack, transport: 'bearer' }),
      ).toBe(400)
      expect([await signIn(attack), await signIn(password)]).toEqual([401, 200])
    })

    test('A01: known, unknown and malformed addresses get one and the same answer from every endpoint', async () => {
      const { server } = await started()
      await server.addUser()
      const faceOf = async (path: string, body: object) => {
        const answer = await server.post(path, body)
        const { requestId: _, ...rest } = (await answer.json()) as Record<string, unknown>
        const headers = [...answer.headers].filter(([name]) => name !== 'x-request-id')
        return { status: answer.status, headers, body: rest }
      }
      for (const path of [paths.forgotPassword, paths.resendVerification]) {
        const known = await faceOf(path, { email: 'ada@example.com' })
        expect(known.status).toBe(202)
        expect(await faceOf(path, { email: 'nobody@example.com' })).toEqual(known)
        expect(await faceOf(path, { email: 'no address at all' })).toEqual(known)
      }
      expect(await faceOf(paths.signUp, { ...details, email: 'ada@example.com' })).toEqual(
        await faceOf(paths.signUp, details),
      )
      const wrong = { password: 'wrong', transport: 'bearer' }
      expect(await faceOf(paths.signIn, { ...wrong, email: 'ada@example.com' })).toEqual(
        await faceOf(paths.signIn, { ...wrong, email: 'nobody@example.com' }),
      )
    })

    test('A01: the owner of a known address is told, and nothing changes', async () => {
      const { server, inbox, statusOf } = await started()
      await server.addUser()
      await statusOf(paths.signUp, { ...details, email: 'ada@example.com' })
      await statusOf(paths.forgotPassword, { email: 'nobody@example.com' })
      const mails = await inbox()
      expect(mails.map(({ to, subject }) => [to, subject])).toEqual([
        ['ada@example.com', 'You already have an account with Ledgerline'],
      ])
      expect((await server.signIn()).accessToken).toBeTruthy()
    })
  })

  test('with proof asked for some permissions only: signed in at once, and those permissions come with the proof', async () => {
    const { server, tokenFor } = await started({
      emailVerification: 'permissions',
      verifiedPermissions: 'invoice:write',
      rolePermissions: { member: ['invoice:read', 'invoice:write'] },
    })
    const first = await requireTokens(await server.post(paths.signUp, details))
    expect(claimsOf(first.accessToken).permissions).toEqual(['invoice:read'])
    const other = await requireTokens(
      await server.post(paths.signIn, { email, password, transport: 'bearer' }),
    )
    const answer = await server.post(
      paths.verifyAddress,
      { token: await tokenFor(email), transport: 'bearer' },
      bearer(first.accessToken),
    )
    expect(answer.status).toBe(200)
    const next = await requireTokens(await server.refresh(first.refreshToken))
    expect(claimsOf(next.accessToken).permissions).toEqual(['invoice:read', 'invoice:write'])
    // What was opened before the proof ends with it, but for the session that proves.
    expect(await isDead(server, other)).toBe(true)
  })

  describe('a forgotten password', () => {
    test('P01, P05: a new one by a link, once; every session ends and nobody is signed in by it', async () => {
      const { server, verified, statusOf, tokenFor, signIn, inbox } = await started()
      const before = await verified()
      await statusOf(paths.forgotPassword, { email })
      const token = await tokenFor(email)
      expect(await statusOf(paths.resetPassword, { token, newPassword: 'short' })).toBe(400)
      const answer = await server.post(paths.resetPassword, { token, newPassword })
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([204, []])
      expect(await isDead(server, before)).toBe(true)
      expect([await signIn(password), await signIn(newPassword)]).toEqual([401, 200])
      expect(await statusOf(paths.resetPassword, { token, newPassword: 'yet another password' })).toBe(400)
      expect((await inbox()).at(-1)).toMatchObject({
        to: email,
        subject: 'Your Ledgerline password was changed',
      })
    })

    test('P01: the link dies with a newer one, with another way to a new password, and after an hour to the millisecond', async () => {
      const { server, verified, statusOf, tokenFor } = await started()
      const { accessToken } = await verified()
      const ask = async () => {
        await statusOf(paths.forgotPassword, { email })
        return tokenFor(email)
      }
      // Refused for its password where the link is alive: so it stays as it is.
      const isAlive = async (token: string) => {
        const answer = await server.post(paths.resetPassword, { token, newPassword: 'short' })
        return ((await answer.json()) as { code: string }).code !== 'link_invalid'
      }
      const first = await ask()
      const second = await ask()
      expect([await isAlive(first), await isAlive(second)]).toEqual([false, true])
      const change = { currentPassword: password, newPassword: 'quite another way to enter' }
      expect(await statusOf(paths.changePassword, change, bearer(accessToken))).toBe(204)
      expect(await isAlive(second)).toBe(false)
      const third = await ask()
      server.clock.now += 3_600_000 - 2
      expect(await isAlive(third)).toBe(true)
      expect(await isAlive(third)).toBe(false)
    })

    test('P08: a link opens what it was made for, and nothing else', async () => {
      const { server, signUp, statusOf, tokenFor } = await started()
      const signUpToken = await signUp()
      expect(await statusOf(paths.resetPassword, { token: signUpToken, newPassword })).toBe(400)
      expect(await statusOf(paths.confirmAddress, { token: signUpToken })).toBe(400)
      await requireTokens(
        await server.post(paths.verifyAddress, { token: signUpToken, password, transport: 'bearer' }),
      )
      await statusOf(paths.forgotPassword, { email })
      const resetToken = await tokenFor(email)
      expect(await statusOf(paths.verifyAddress, { token: resetToken, password, transport: 'bearer' })).toBe(
        400,
      )
      expect(await statusOf(paths.confirmAddress, { token: resetToken })).toBe(400)
      expect(await statusOf(paths.resetPassword, { token: resetToken, newPassword })).toBe(204)
    })

    test('whoever is disabled gets no link', async () => {
      const { server, verified, statusOf, inbox } = await started()
      await verified()
      const user = await server.sallyport.operator.users.find(email)
      await server.sallyport.operator.users.disable(user?.id ?? '')
      const before = (await inbox()).length
      expect(await statusOf(paths.forgotPassword, { email })).toBe(202)
      expect(await inbox()).toHaveLength(before)
    })
  })

  describe('another address', () => {
    const newEmail = 'eve@new.example.com'

    test('A18: asked for with the password; both are told; in force when the new one is proven, and the old one opens nothing', async () => {
      const { server, verified, statusOf, tokenFor, inbox, signIn } = await started()
      const { accessToken } = await verified()
      const ask = (body: object) => statusOf(paths.changeAddress, body, bearer(accessToken))
      expect(await ask({ newEmail, password: 'not mine' })).toBe(400)
      expect(await ask({ newEmail, password })).toBe(202)
      expect(
        (await inbox())
          .slice(-2)
          .map(({ to }) => to)
          .sort(),
      ).toEqual([email, newEmail].sort())
      // A link to the old address, asked for before the change, dies with it.
      await statusOf(paths.forgotPassword, { email })
      const reset = await tokenFor(email)
      expect(await signIn(password, newEmail)).toBe(401)
      const token = await tokenFor(newEmail)
      expect(await statusOf(paths.confirmAddress, { token, password })).toBe(204)
      expect(await statusOf(paths.confirmAddress, { token, password })).toBe(400)
      expect([await signIn(password), await signIn(password, newEmail)]).toEqual([401, 200])
      expect(await statusOf(paths.resetPassword, { token: reset, newPassword })).toBe(400)
      // The sign-in after it came from a client that keeps no device value, so its owner is told of that.
      expect((await inbox()).slice(-2)).toMatchObject([
        { to: email, subject: 'Your Ledgerline address was changed' },
        { to: newEmail, subject: 'New sign-in to Ledgerline' },
      ])
      expect((await server.session(accessToken)).status).toBe(200)
    })

    test('A01, A18: somebody else’s address cannot be had, and who asks cannot tell; nor one that is taken meanwhile', async () => {
      const { server, verified, statusOf, tokenFor, inbox } = await started()
      const { accessToken } = await verified()
      await server.addUser()
      const ask = (address: string) =>
        statusOf(paths.changeAddress, { newEmail: address, password }, bearer(accessToken))
      expect(await ask('ada@example.com')).toBe(202)
      expect((await inbox()).some(({ to }) => to === 'ada@example.com')).toBe(false)
      expect(await ask(newEmail)).toBe(202)
      const token = await tokenFor(newEmail)
      await server.addUser(newEmail)
      expect(await statusOf(paths.confirmAddress, { token, password })).toBe(400)
      expect(await server.sallyport.operator.users.find(email)).not.toBeNull()
    })
  })

  describe('the password again, for what is sensitive', () => {
    test('ASVS 7.5.3: one’s data needs a proof of the last ten minutes', async () => {
      const { server, verified, statusOf } = await started()
      const { accessToken, refreshToken } = await verified()
      const download = (token: string) => server.get(paths.downloadData, bearer(token))
      expect((await download(accessToken)).status).toBe(200)
      server.clock.advance(601)
      const next = await requireTokens(await server.refresh(refreshToken))
      const refused = await download(next.accessToken)
      expect([refused.status, await refused.json()]).toMatchObject([
        403,
        { code: 'reauthentication_required' },
      ])
      expect(await statusOf(paths.reauthenticate, { password: 'not mine' }, bearer(next.accessToken))).toBe(
        400,
      )
      expect((await download(next.accessToken)).status).toBe(403)
      expect(await statusOf(paths.reauthenticate, { password }, bearer(next.accessToken))).toBe(204)
      const answer = await download(next.accessToken)
      expect(answer.headers.get('content-disposition')).toContain('attachment')
      const text = await answer.text()
      expect(JSON.parse(text)).toMatchObject({ user: { email }, sessions: [{}] })
      expect(text).not.toMatch(/argon2|salt|secret/)
      const renewed = await requireTokens(await server.refresh(next.refreshToken))
      expect(claimsOf(renewed.accessToken).auth_time).toBe(Math.floor(server.clock() / 1000))
    })
  })

  describe('an account that is to be deleted', () => {
    async function asked() {
      const world = await started()
      const tokens = await world.verified()
      const remove = (body: object) =>
        world.server.fetch(paths.readProfile, {
          method: 'DELETE',
          headers: { 'content-type': 'application/json', ...bearer(tokens.accessToken) },
          body: JSON.stringify(body),
        })
      expect((await remove({ password: 'not mine' })).status).toBe(400)
      const answer = await remove({ password })
      expect([answer.status, await answer.json()]).toEqual([
        202,
        { deleteAt: world.server.clock() + 14 * 86_400_000 },
      ])
      expect(await isDead(world.server, tokens)).toBe(true)
      return world
    }

    test('A19: is gone after fourteen days, with all that hung on it; the address is free, and nothing is inherited', async () => {
      const { server, store, verified } = await asked()
      const before = await server.sallyport.operator.users.find(email)
      server.clock.advance(14 * 86_400)
      await server.sallyport.upkeep()
      expect(await server.sallyport.operator.users.find(email)).toBeNull()
      for (const table of ['credential', 'session', 'one_time_token', 'known_device'])
        expect(await store.query(`select * from ${table}`), table).toEqual([])
      await verified()
      expect((await server.sallyport.operator.users.find(email))?.id).not.toBe(before?.id)
    })

    test('stays when its owner signs in before', async () => {
      const { server, signIn } = await asked()
      server.clock.advance(13 * 86_400)
      expect(await signIn(password)).toBe(200)
      server.clock.advance(2 * 86_400)
      await server.sallyport.upkeep()
      expect(await server.sallyport.operator.users.find(email)).not.toBeNull()
    })
  })

  test('the trail: what happened to an account, in order, with where from; and to its owner alone', async () => {
    const { server, verified, signIn, statusOf } = await started()
    const { accessToken } = await verified()
    await signIn('not the password')
    await statusOf(paths.forgotPassword, { email })
    const answer = await server.get(paths.listActivity, bearer(accessToken))
    const { activity } = (await answer.json()) as { activity: { action: string; result: string }[] }
    expect(activity.map(({ action, result }) => `${action} ${result}`).sort()).toEqual([
      'address_verified success',
      'password_reset_asked success',
      'sign_in refused',
      'sign_in success',
    ])
    await server.addUser()
    const other = await server.signIn()
    const { activity: theirs } = (await (
      await server.get(paths.listActivity, bearer(other.accessToken))
    ).json()) as {
      activity: { action: string }[]
    }
    expect(theirs.map(({ action }) => action).sort()).toEqual(['sign_in', 'sign_up'])
  })

  test('the inbox is there only where a developer has asked for it', async () => {
    const { server } = await started({ developmentInbox: false, emailVerification: 'off' })
    expect((await server.get(paths.inbox)).status).toBe(404)
    await expect(started({ issuer: 'https://auth.example.com' })).rejects.toThrow(
      /SALLYPORT_DEVELOPMENT_INBOX/,
    )
    await expect(started({ developmentInbox: false })).rejects.toThrow(
      /SALLYPORT_EMAIL_VERIFICATION needs mail/,
    )
  })
})
