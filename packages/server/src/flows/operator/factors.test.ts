import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { authenticator, setUpTotp } from '../../testing/authenticator.ts'
import {
  type BearerSession,
  bearer,
  password,
  requireTokens,
  startSallyport,
} from '../../testing/sallyport.ts'
import { freshStore, storeKinds } from '../../testing/stores.ts'
import { Authenticator } from '../../testing/webauthn-authenticator.ts'

const email = 'ada@example.com'
const because = 'showed her passport'
const day = 86_400

describe.each(storeKinds)('a removal of second factors that is planned, on %s', (kind) => {
  /** A user with an authenticator app, and an open session with two factors. */
  async function enrolled() {
    const store = await freshStore(kind)
    const server = await startSallyport(store.options)
    const { clock, sallyport } = server
    const { id: userId } = await server.addUser(email)
    const requiring = await startSallyport({ ...store.options, secondFactor: 'required' }, clock)
    const app = await setUpTotp(requiring)
    const { users } = sallyport.operator
    const plan = (options: { id?: string; afterSeconds?: number } = {}) =>
      users.planFactorRemoval(userId, { because, afterSeconds: day, ...options })
    const hold = async () => {
      const answer = await server.post(paths.signIn, { email, password, transport: 'bearer' })
      expect(answer.status).toBe(202)
      return ((await answer.json()) as { pendingSignIn: string }).pendingSignIn
    }
    const prove = async (proof: { code: string } | { recoveryCode: string }) =>
      server.post(paths.proveSecondFactor, {
        ...proof,
        pendingSignIn: await hold(),
        transport: 'bearer',
      })
    const signIn = async () => requireTokens(await prove({ code: app.codeAt(clock.now) }))
    const send = (method: string, path: string, { accessToken }: BearerSession, body: object = {}) =>
      server.fetch(path, {
        method,
        headers: { 'content-type': 'application/json', ...bearer(accessToken) },
        body: JSON.stringify(body),
      })
    const planned = async () => (await users.factors(userId)).map(({ removedAt }) => removedAt)
    const mails = () =>
      store.query(
        `select recipient, template from mail where template like '%removed' or template like '%asked' order by "createdAt"`,
      )
    const events = () =>
      store.query(
        `select action, actor from audit_event where action like 'second_factor_remov%' order by at, id`,
      )
    return {
      store,
      server,
      clock,
      userId,
      app,
      users,
      plan,
      hold,
      prove,
      signIn,
      send,
      planned,
      mails,
      events,
    }
  }

  test('is mailed at once, and is carried out by a server that was started later, not before its time', async () => {
    const { store, server, clock, userId, signIn, plan, planned, mails, events } = await enrolled()
    const { refreshToken } = await signIn()
    const dueAt = await plan()
    expect(dueAt).toBe(clock.now + day * 1000)
    expect(await planned()).toEqual([dueAt])
    expect(await mails()).toEqual([{ recipient: email, template: 'second_factor_removal_asked' }])
    await server.sallyport.close()
    clock.advance(day - 1)
    const later = await startSallyport(store.options, clock)
    await later.sallyport.upkeep()
    expect(await later.sallyport.operator.users.factors(userId)).toHaveLength(1)
    expect((await later.refresh(refreshToken)).status).toBe(200)
    clock.advance(1)
    await later.sallyport.upkeep()
    expect(await later.sallyport.operator.users.factors(userId)).toEqual([])
    expect(await store.query(`select id from session where "endedAt" is null`)).toEqual([])
    expect(await store.query('select hash from recovery_code')).toEqual([])
    expect(await store.query('select "userId" from factor_removal')).toEqual([])
    expect((await mails()).map(({ template }) => template)).toEqual([
      'second_factor_removal_asked',
      'second_factor_removed',
    ])
    expect(await events()).toEqual([
      { action: 'second_factor_removal_asked', actor: 'operator' },
      { action: 'second_factor_removed', actor: 'operator' },
    ])
    const details = await store.query<{ details: string }>(
      `select details from audit_event where action like 'second_factor_remov%' order by at, id`,
    )
    expect(details.map(({ details }) => JSON.parse(details))).toEqual([
      { kind: 'totp', dueAt, because },
      { kind: 'totp', removed: 1, because },
    ])
    await later.signIn()
  })

  test('is shown to the user, without the reason, until it is cancelled', async () => {
    const { server, clock, app, signIn, send, plan } = await enrolled()
    const session = await signIn()
    const seen = async () => {
      const answer = await server.get(paths.listFactors, bearer(session.accessToken))
      const text = await answer.text()
      expect(text).not.toContain(because)
      return JSON.parse(text) as { factors: { id: string }[]; plannedRemoval: unknown }
    }
    const { factors, plannedRemoval } = await seen()
    expect(plannedRemoval).toBeNull()
    const all = await plan()
    expect((await seen()).plannedRemoval).toEqual({ id: null, removeAt: all })
    clock.advance(30)
    const code = app.codeAt(clock.now)
    expect((await send('POST', paths.reauthenticate, session, { password, code })).status).toBe(204)
    expect((await seen()).plannedRemoval).toBeNull()
    const one = await plan({ id: factors[0]?.id ?? '' })
    expect((await seen()).plannedRemoval).toEqual({ id: factors[0]?.id, removeAt: one })
  })

  test('is carried out once by several processes at the same time', async () => {
    const { store, server, clock, userId, users, plan, mails, events } = await enrolled()
    const others = [await startSallyport(store.options, clock), await startSallyport(store.options, clock)]
    await plan()
    clock.advance(day)
    await Promise.all([server, ...others].map(({ sallyport }) => sallyport.upkeep()))
    expect(await users.factors(userId)).toEqual([])
    const removed = (await mails()).filter(({ template }) => template === 'second_factor_removed')
    expect(removed).toHaveLength(1)
    expect((await events()).map(({ action }) => action)).toEqual([
      'second_factor_removal_asked',
      'second_factor_removed',
    ])
  })

  test('of one factor leaves the others', async () => {
    const { server, clock, userId, users, signIn, send, plan, planned, store } = await enrolled()
    await store.query(
      `insert into totp select 'other', "userId", 'Tablet', "sealedSecret", "createdAt", "confirmedAt", "lastStep", null from totp`,
    )
    await plan({ id: 'other' })
    expect((await planned()).filter((at) => at !== null)).toHaveLength(1)
    clock.advance(day)
    await server.sallyport.upkeep()
    const left = await users.factors(userId)
    expect(left.map(({ name }) => name)).toEqual(['Authenticator app'])
    expect(await store.query('select hash from recovery_code')).toHaveLength(10)
    const session = await signIn()
    // After the removal, the next one can be planned. If the user removes a factor, nothing is planned any more.
    await plan()
    const removed = await send('DELETE', paths.listFactors, session, { id: left[0]?.id })
    expect(removed.status).toBe(204)
    expect(await store.query('select "userId" from factor_removal')).toEqual([])
  })

  test('is not cancelled by the password alone, nor by a wrong code', async () => {
    const { plan, hold, prove, planned } = await enrolled()
    const dueAt = await plan()
    await hold()
    expect((await prove({ code: '000000' })).status).toBe(400)
    expect(await planned()).toEqual([dueAt])
  })

  test('is cancelled when the user proves two factors, in each way [M10]', async () => {
    const { server, clock, app, signIn, prove, send, plan, planned, userId, users, events } = await enrolled()
    const session = await signIn()
    const next = () => {
      clock.advance(30)
      return app.codeAt(clock.now)
    }
    const passkeys = new Authenticator()
    const { options } = (await (await send('POST', paths.startPasskey, session)).json()) as never
    const credential = passkeys.create(options)
    expect((await send('POST', paths.addPasskey, session, { credential })).status).toBe(200)
    const start = async (body: object) =>
      (await (await server.post(paths.startPasskeySignIn, { ...body, transport: 'bearer' })).json()) as {
        options: Record<string, unknown>
        handle: string
      }
    const ways = {
      code: () => prove({ code: next() }),
      'recovery code': () => prove({ recoveryCode: app.recoveryCodes[0] ?? '' }),
      'step-up': () => send('POST', paths.reauthenticate, session, { password, code: next() }),
      passkey: async () => {
        const { options, handle } = await start({})
        return server.post(paths.signInWithPasskey, {
          credential: passkeys.get(options),
          handle,
          transport: 'bearer',
        })
      },
      'step-up with a passkey': async () => {
        const answer = await send('POST', paths.startPasskeyConfirmation, session)
        const { options } = (await answer.json()) as never
        return send('POST', paths.confirmWithPasskey, session, { credential: passkeys.get(options) })
      },
      'another app': async () => {
        await send('POST', paths.reauthenticate, session, { password, code: next() })
        await plan()
        clock.advance(1)
        const { id, secret } = (await (
          await send('POST', paths.startTotp, session, { name: 'Tablet' })
        ).json()) as { id: string; secret: string }
        const code = authenticator(secret).codeAt(clock.now)
        return send('POST', paths.confirmTotp, session, { id, code })
      },
    }
    for (const [way, use] of Object.entries(ways)) {
      if (way !== 'another app') await plan()
      clock.advance(1)
      const answer = await use()
      expect([way, answer.ok]).toEqual([way, true])
      expect([way, await planned()]).toEqual([way, (await users.factors(userId)).map(() => null)])
      expect([way, (await events()).at(-1)]).toEqual([
        way,
        { action: 'second_factor_removal_cancelled', actor: userId },
      ])
    }
    clock.advance(day)
    await server.sallyport.upkeep()
    // The two apps and the passkey.
    expect(await users.factors(userId)).toHaveLength(3)
  })

  test('includes passkeys, because a lost one locks out a user who must have a second factor', async () => {
    const { store, clock, userId, users, signIn, send } = await enrolled()
    const session = await signIn()
    const { options } = (await (await send('POST', paths.startPasskey, session)).json()) as never
    const credential = new Authenticator().create(options)
    expect((await send('POST', paths.addPasskey, session, { credential })).status).toBe(200)
    const [app, passkey] = await users.factors(userId)
    expect([app?.kind, passkey?.kind]).toEqual(['totp', 'passkey'])
    await users.planFactorRemoval(userId, { id: passkey?.id, because, afterSeconds: day })
    expect((await users.factors(userId)).map(({ removedAt }) => removedAt)).toEqual([
      null,
      clock.now + day * 1000,
    ])
    expect(await users.removeFactors(userId, { id: passkey?.id, because })).toMatchObject({
      removed: 1,
      left: 1,
    })
    expect(await store.query('select id from passkey')).toEqual([])
    expect((await users.factors(userId)).map(({ id }) => id)).toEqual([app?.id])
    clock.advance(60)
    const other = await signIn()
    const again = (await (await send('POST', paths.startPasskey, other)).json()) as never
    const second = new Authenticator().create((again as { options: never }).options)
    expect((await send('POST', paths.addPasskey, other, { credential: second })).status).toBe(200)
    expect(await users.removeFactors(userId, { because })).toMatchObject({ removed: 2, left: 0 })
    const details = await store.query<{ details: string }>(
      `select details from audit_event where action = 'second_factor_removed' order by at, id`,
    )
    expect(details.map(({ details }) => JSON.parse(details).kind).sort()).toEqual([
      'passkey',
      'totp, passkey',
    ])
    expect(await users.factors(userId)).toEqual([])
  })

  test('is cancelled by an operator, and by the end of everything after a leak', async () => {
    const { server, clock, userId, users, plan, events, store } = await enrolled()
    expect(await users.cancelFactorRemoval(userId)).toBe(false)
    await plan()
    clock.advance(1)
    expect(await users.cancelFactorRemoval(userId)).toBe(true)
    expect((await events()).at(-1)).toEqual({ action: 'second_factor_removal_cancelled', actor: 'operator' })
    await plan()
    await server.sallyport.operator.sessions.revokeEverybody()
    expect(await store.query('select "userId" from factor_removal')).toEqual([])
    clock.advance(day)
    await server.sallyport.upkeep()
    expect(await users.factors(userId)).toHaveLength(1)
  })

  test('is refused without a reason, with a wrong waiting time, for an unknown factor, and if one is planned', async () => {
    const { plan, users, userId } = await enrolled()
    for (const afterSeconds of [0, 59, 30 * day + 1, Number.NaN])
      await expect(plan({ afterSeconds })).rejects.toMatchObject({ code: 'invalid_request' })
    for (const reason of ['', 'two\nlines'])
      await expect(
        users.planFactorRemoval(userId, { because: reason, afterSeconds: day }),
      ).rejects.toMatchObject({ code: 'invalid_request' })
    await expect(plan({ id: 'unknown' })).rejects.toMatchObject({ code: 'not_found' })
    await expect(users.planFactorRemoval('nobody', { because, afterSeconds: day })).rejects.toMatchObject({
      code: 'not_found',
    })
    await plan({ afterSeconds: 60 })
    await expect(plan()).rejects.toMatchObject({ code: 'invalid_request' })
  })
})
