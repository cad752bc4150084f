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
    // The clock advances with each request, so that stored rows have an order.
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
    /** Returns the token of the newest link that was mailed to this address. */
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

  describe('sign-up where an address must be verified first', () => {
    test('creates no account before the verification, which signs in with the chosen password', async () => {
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

    test('a link works once, for a day, and unchanged, even if used twenty times at once [P01, P02]', async () => {
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

    test('a newer link replaces the older one [P01]', async () => {
      const { signUp, statusOf, tokenFor } = await started()
      const first = await signUp()
      expect(await statusOf(paths.resendVerification, { email: email.toUpperCase() })).toBe(202)
      const second = await tokenFor(email)
      expect(second).not.toBe(first)
      expect(await statusOf(paths.verifyAddress, { token: first, password, transport: 'bearer' })).toBe(400)
      expect(await statusOf(paths.verifyAddress, { token: second, password, transport: 'bearer' })).toBe(200)
    })

    test('an attacker who signed up with the address is locked out once its owner verifies it [A17]', async () => {
      const { server, statusOf, tokenFor, signIn } = await started()
      const attack = 'the attacker waits here'
      await statusOf(paths.signUp, { ...details, password: attack })
      const attackLink = await tokenFor(email)
      // The owner opens the attacker's link by mistake, with their own password: it is refused.
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

    test('every endpoint answers known, unknown and malformed addresses in the same way [A01]', async () => {
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

    test('mails the owner of a known address, and changes nothing [A01]', async () => {
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

  test('where verification guards permissions only, signs up at once and adds them after it', async () => {
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
    // Verification ends earlier sessions, except the one that verifies.
    expect(await isDead(server, other)).toBe(true)
  })

  describe('a forgotten password', () => {
    test('is replaced by a link, once; every session ends and none begins [P01, P05]', async () => {
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

    test('a link ends with a newer link, with a changed password, and after exactly an hour [P01]', async () => {
      const { server, verified, statusOf, tokenFor } = await started()
      const { accessToken } = await verified()
      const ask = async () => {
        await statusOf(paths.forgotPassword, { email })
        return tokenFor(email)
      }
      // While the link is valid, the short password is refused and the link is not used up.
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

    test('a link works only for the purpose it was made for [P08]', async () => {
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

    test('a disabled user gets no link', async () => {
      const { server, verified, statusOf, inbox } = await started()
      await verified()
      const user = await server.sallyport.operator.users.find(email)
      await server.sallyport.operator.users.disable(user?.id ?? '')
      const before = (await inbox()).length
      expect(await statusOf(paths.forgotPassword, { email })).toBe(202)
      expect(await inbox()).toHaveLength(before)
    })
  })

  describe('a change of address', () => {
    const newEmail = 'eve@new.example.com'

    test('needs the password and a click from the new address; mails both, and replaces the old one [A18]', async () => {
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
      // The change ends a link that was mailed to the old address before.
      await statusOf(paths.forgotPassword, { email })
      const reset = await tokenFor(email)
      expect(await signIn(password, newEmail)).toBe(401)
      const token = await tokenFor(newEmail)
      expect(await statusOf(paths.confirmAddress, { token, password })).toBe(204)
      expect(await statusOf(paths.confirmAddress, { token, password })).toBe(400)
      expect([await signIn(password), await signIn(password, newEmail)]).toEqual([401, 200])
      expect(await statusOf(paths.resetPassword, { token: reset, newPassword })).toBe(400)
      // The sign-in afterwards had no device cookie, so it is mailed as a new device.
      expect((await inbox()).slice(-2)).toMatchObject([
        { to: email, subject: 'Your Ledgerline address was changed' },
        { to: newEmail, subject: 'New sign-in to Ledgerline' },
      ])
      expect((await server.session(accessToken)).status).toBe(200)
    })

    test('is refused for an address that is taken, also meanwhile, without revealing it [A01, A18]', async () => {
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

  describe('sensitive actions', () => {
    test('the download of one’s data needs a proof of the last ten minutes [ASVS 7.5.3]', async () => {
      const { server, verified, statusOf } = await started()
      const { accessToken, refreshToken } = await verified()
      const download = (token: string) => server.get(paths.downloadData, bearer(token))
      expect((await download(accessToken)).status).toBe(200)
      server.clock.advance(601)
      const next = await requireTokens(await server.refresh(refreshToken))
      const refused = await download(next.accessToken)
      expect([refused.status, await refused.json()]).toMatchObject([
        401,
        { code: 'insufficient_user_authentication' },
      ])
      expect(await statusOf(paths.reauthenticate, { password: 'not mine' }, bearer(next.accessToken))).toBe(
        400,
      )
      expect((await download(next.accessToken)).status).toBe(401)
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

  describe('an account marked for deletion', () => {
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

    test('is deleted with all its data after fourteen days; a new user of its address inherits nothing [A19]', async () => {
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

    test('is kept if its owner signs in before', async () => {
      const { server, signIn } = await asked()
      server.clock.advance(13 * 86_400)
      expect(await signIn(password)).toBe(200)
      server.clock.advance(2 * 86_400)
      await server.sallyport.upkeep()
      expect(await server.sallyport.operator.users.find(email)).not.toBeNull()
    })
  })

  test('the audit log lists the events of an account in order, with their address, to its owner only', async () => {
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

  test('the inbox exists only if SALLYPORT_DEVELOPMENT_INBOX is set', async () => {
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
