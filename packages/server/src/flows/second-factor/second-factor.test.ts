import { describe, expect, test } from 'vitest'
import type { Context, RequestSource } from '../../services/context.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { addUser, findUserById, lockUser } from '../../store/user.ts'
import { flowContext } from '../../testing/flow-context.ts'
import { ada, bob } from '../../testing/shared-database.ts'
import { freshStore, storeKinds } from '../../testing/stores.ts'
import { sourceFrom } from '../../testing/throttle-context.ts'
import { totpCode, totpStep } from '../../tokens/totp.ts'
import { purge } from '../operator/purge.ts'
import { confirmTotp } from './confirm-totp.ts'
import { beginFactorCheck } from './factor-check.ts'
import { maxTotp, startTotp } from './start-totp.ts'
import { type FactorProof, methodsOf, useSecondFactor } from './use-second-factor.ts'

const source: RequestSource = sourceFrom('192.0.2.7')

describe.each(storeKinds)('on %s', (kind) => {
  async function started() {
    const store = await freshStore(kind)
    const { context, clock } = await flowContext(store)
    await inTransaction(context.database, async (transaction) => {
      await addUser(transaction, { ...ada, emailVerifiedAt: 1 }, 'hash')
      await addUser(transaction, bob, 'hash')
    })
    return { store, context, clock, ...actions(context) }
  }

  function actions(context: Context) {
    const locked = <T>(userId: string, work: (transaction: Context['database']) => Promise<T>) =>
      inTransaction(context.database, async (transaction) => {
        await lockUser(transaction, userId, { updatedAt: context.clock() })
        return work(transaction)
      })
    const codeAt = (secret: string, by = 0) => totpCode(secret, totpStep(context.clock()) + by)
    const enrol = async (user = ada) => {
      const { id, secret } = await startTotp(context, user)
      const confirmed = await locked(user.id, (transaction) =>
        confirmTotp(context, transaction, user.id, { id, code: codeAt(secret) }),
      )
      if (confirmed === null) throw new Error('The first code was refused.')
      return { id, secret, recoveryCodes: confirmed.recoveryCodes ?? [] }
    }
    const use = (proof: FactorProof, userId = ada.id) =>
      locked(userId, (transaction) => useSecondFactor(context, transaction, userId, proof, source))
    return { locked, codeAt, enrol, use }
  }

  test('an authenticator app counts only after its first code, and gives ten recovery codes', async () => {
    const { store, context, locked, codeAt, use } = await started()
    const { id, secret } = await startTotp(context, ada, 'Phone')
    expect(await use({ code: codeAt(secret) })).toBe(false)
    const confirm = (code: string, userId = ada.id) =>
      locked(userId, (transaction) => confirmTotp(context, transaction, userId, { id, code }))
    expect(await confirm('000000')).toBeNull()
    expect(await confirm(codeAt(secret, 5))).toBeNull()
    expect(await confirm(codeAt(secret), bob.id)).toBeNull()
    const confirmed = await confirm(codeAt(secret))
    expect(new Set(confirmed?.recoveryCodes).size).toBe(10)
    expect(await confirm(codeAt(secret, 1))).toBeNull()
    expect(await store.query(`select name, "lastUsedAt" from totp`)).toEqual([
      { name: 'Phone', lastUsedAt: null },
    ])
    expect(await store.query(`select action, details from audit_event`)).toEqual([
      { action: 'second_factor_added', details: '{"kind":"totp"}' },
    ])
    expect(await store.query(`select recipient, template from mail`)).toEqual([
      { recipient: ada.email, template: 'second_factor_added' },
    ])
  })

  test('neither secrets nor recovery codes are stored as plain text [ASVS 6.5.2, M07]', async () => {
    const { store, enrol } = await started()
    const { secret, recoveryCodes } = await enrol()
    const stored = JSON.stringify([
      await store.query('select * from totp'),
      await store.query('select * from recovery_code'),
      await store.query('select * from mail'),
      await store.query('select * from audit_event'),
    ])
    for (const text of [secret, ...recoveryCodes, ...recoveryCodes.map((code) => code.replaceAll('-', ''))])
      expect(stored).not.toContain(text)
  })

  test('a code is accepted one step before and after its time, and each step once [RFC 6238 5.2, M01, M08]', async () => {
    const { clock, codeAt, enrol, use } = await started()
    const { secret } = await enrol()
    expect(await use({ code: codeAt(secret) })).toBe(false)
    clock.advance(300)
    expect(await use({ code: codeAt(secret, -2) })).toBe(false)
    expect(await use({ code: codeAt(secret, 2) })).toBe(false)
    expect(await use({ code: codeAt(secret, -1) })).toBe(true)
    expect(await use({ code: codeAt(secret, -1) })).toBe(false)
    expect(await use({ code: codeAt(secret, 1) })).toBe(true)
    // A code of an earlier step is refused after a later one was used.
    expect(await use({ code: codeAt(secret) })).toBe(false)
    clock.advance(30)
    expect(await use({ code: codeAt(secret) })).toBe(false)
    clock.advance(30)
    expect(await use({ code: codeAt(secret) })).toBe(true)
  })

  test('of fifty uses of one code at the same time, one is accepted [ASVS 6.5.1, M01]', async () => {
    const { clock, codeAt, enrol, use } = await started()
    const { secret } = await enrol()
    clock.advance(60)
    const code = codeAt(secret)
    const results = await Promise.all(Array.from({ length: 50 }, () => use({ code })))
    expect(results.filter(Boolean)).toHaveLength(1)
  })

  test('of fifty uses of one recovery code at the same time, one is accepted [M07]', async () => {
    const { store, enrol, use } = await started()
    const { recoveryCodes } = await enrol()
    const [recoveryCode = ''] = recoveryCodes
    const results = await Promise.all(Array.from({ length: 50 }, () => use({ recoveryCode })))
    expect(results.filter(Boolean)).toHaveLength(1)
    expect(await store.query('select hash from recovery_code')).toHaveLength(9)
    expect(
      await store.query(`select action, details from audit_event where action = 'recovery_code_used'`),
    ).toEqual([{ action: 'recovery_code_used', details: '{"left":9}' }])
    expect(await store.query(`select recipient from mail where template = 'recovery_code_used'`)).toEqual([
      { recipient: ada.email },
    ])
  })

  test('a factor of one user is refused for another user', async () => {
    const { clock, codeAt, enrol, use } = await started()
    const { secret, recoveryCodes } = await enrol()
    const own = await enrol(bob)
    clock.advance(60)
    expect(await use({ code: codeAt(secret) }, bob.id)).toBe(false)
    expect(await use({ recoveryCode: recoveryCodes[0] ?? '' }, bob.id)).toBe(false)
    expect(await use({ code: codeAt(own.secret) }, bob.id)).toBe(true)
    expect(await use({ code: codeAt(secret) })).toBe(true)
    expect(await use({ recoveryCode: recoveryCodes[0] ?? '' })).toBe(true)
  })

  test('a transaction that fails uses nothing up', async () => {
    const { context, clock, codeAt, enrol, use, locked } = await started()
    const { secret, recoveryCodes } = await enrol()
    clock.advance(60)
    const proofs = [{ code: codeAt(secret) }, { recoveryCode: recoveryCodes[0] ?? '' }]
    for (const proof of proofs) {
      const failing = locked(ada.id, async (transaction) => {
        expect(await useSecondFactor(context, transaction, ada.id, proof)).toBe(true)
        throw new Error('afterwards')
      })
      await expect(failing).rejects.toThrow('afterwards')
      expect(await use(proof)).toBe(true)
    }
  })

  test('a used code stays used after a restart [M01]', async () => {
    const { store, context, clock, codeAt, enrol, use } = await started()
    const { secret } = await enrol()
    clock.advance(60)
    const code = codeAt(secret)
    expect(await use({ code })).toBe(true)
    context.revocations.close()
    const again = await flowContext(store, {}, clock)
    expect(await actions(again.context).use({ code })).toBe(false)
    clock.advance(30)
    expect(await actions(again.context).use({ code: codeAt(secret) })).toBe(true)
  })

  test('the secret opens after SALLYPORT_SECRET was replaced', async () => {
    const { store, clock, codeAt, enrol } = await started()
    const { secret } = await enrol()
    const { secret: former } = (await flowContext(store)).context.config
    const replaced = await flowContext(
      store,
      { secret: `server-Qw8LpZ3xVn5RtYk7MbHcJd2GfS,${former[0]}` },
      clock,
    )
    clock.advance(60)
    expect(await actions(replaced.context).use({ code: codeAt(secret) })).toBe(true)
  })

  test('an app whose secret cannot be opened any more is refused, and other factors still work', async () => {
    const { store, clock, codeAt, enrol, use } = await started()
    const lost = await enrol()
    const { secret } = await enrol()
    await store.query(`update totp set "sealedSecret" = 'x' where id = '${lost.id}'`)
    clock.advance(60)
    expect(await use({ code: codeAt(lost.secret) })).toBe(false)
    expect(await use({ code: codeAt(secret) })).toBe(true)
    expect(await use({ recoveryCode: lost.recoveryCodes[0] ?? '' })).toBe(true)
  })

  test('a second app makes no recovery codes, and both apps are accepted', async () => {
    const { clock, codeAt, enrol, use } = await started()
    const first = await enrol()
    const second = await enrol()
    expect(second.recoveryCodes).toEqual([])
    clock.advance(60)
    expect(await use({ code: codeAt(first.secret) })).toBe(true)
    expect(await use({ code: codeAt(second.secret) })).toBe(true)
    expect(await use({ recoveryCode: first.recoveryCodes[3] ?? '' })).toBe(true)
  })

  test('a user has at most one unconfirmed app, also after calls at the same time', async () => {
    const { store, context, locked, codeAt } = await started()
    const [first] = await Promise.all(Array.from({ length: 5 }, () => startTotp(context, ada)))
    const { id, secret } = await startTotp(context, ada)
    expect(await store.query(`select id from totp`)).toEqual([{ id }])
    const confirm = (which: string, code: string) =>
      locked(ada.id, (transaction) => confirmTotp(context, transaction, ada.id, { id: which, code }))
    expect(await confirm(first?.id ?? '', codeAt(first?.secret ?? ''))).toBeNull()
    expect(await confirm(id, codeAt(secret))).not.toBeNull()
  })

  test('a user has at most ten apps', async () => {
    const { context, enrol } = await started()
    for (let count = 0; count < maxTotp; count++) await enrol()
    await expect(startTotp(context, ada)).rejects.toMatchObject({
      code: 'invalid_request',
      refusal: { details: { detail: 'A user can have 10 authenticator apps. Remove one first.' } },
    })
  })

  test('an unconfirmed app is of no use after an hour, and is deleted then', async () => {
    const { store, context, clock, locked, codeAt, enrol } = await started()
    await enrol(bob)
    const { id, secret } = await startTotp(context, ada)
    clock.advance(3_599)
    await purge(context)
    expect(await store.query(`select id from totp`)).toHaveLength(2)
    clock.advance(1)
    const late = await locked(ada.id, (transaction) =>
      confirmTotp(context, transaction, ada.id, { id, code: codeAt(secret) }),
    )
    expect(late).toBeNull()
    await purge(context)
    expect(await store.query(`select "userId" from totp`)).toEqual([{ userId: bob.id }])
  })

  describe('tries', () => {
    async function withTries() {
      const all = await started()
      const { secret, recoveryCodes } = await all.enrol()
      const check = async (proof: FactorProof, from = source, isRight = false) => {
        const user = await findUserById(all.context.database, ada.id)
        if (user === null) throw new Error('There is no such user.')
        const attempt = await beginFactorCheck(all.context, user, proof, from)
        if (isRight) await attempt.reset(all.context.database)
      }
      return { ...all, secret, recoveryCodes, check }
    }
    const wrong = { code: '000000' }
    const refused = { code: 'too_many_requests' }

    test('after ten codes there are waits, which end after a right one [M02]', async () => {
      const { clock, check } = await withTries()
      for (let count = 0; count < 10; count++) await check(wrong)
      await expect(check(wrong)).rejects.toMatchObject({ ...refused, refusal: { retryAfterSeconds: 1 } })
      clock.advance(1)
      await check(wrong)
      await expect(check(wrong)).rejects.toMatchObject({ ...refused, refusal: { retryAfterSeconds: 2 } })
      clock.advance(2)
      await check(wrong, source, true)
      for (let count = 0; count < 10; count++) await check(wrong)
      await expect(check(wrong)).rejects.toMatchObject(refused)
    })

    test('a recovery code works while codes are refused, and ends the waits', async () => {
      const { check } = await withTries()
      for (let count = 0; count < 10; count++) await check(wrong)
      await expect(check(wrong)).rejects.toMatchObject(refused)
      await check({ recoveryCode: 'any' })
      await expect(check(wrong)).rejects.toMatchObject(refused)
      await check({ recoveryCode: 'any' }, source, true)
      await check(wrong)
    })

    test('a known browser has its own count', async () => {
      const { store, context, check } = await withTries()
      const { createHmac } = await import('node:crypto')
      const [key = ''] = context.keyring.keys('device')
      const hash = createHmac('sha256', key).update('own').digest('base64url')
      await store.query(
        `insert into known_device ("userId", hash, "createdAt", "seenAt") values ('${ada.id}', '${hash}', 0, 0)`,
      )
      const own = sourceFrom('192.0.2.9', 'own')
      for (let count = 0; count < 10; count++) await check(wrong)
      await expect(check(wrong, sourceFrom('192.0.2.9', 'other'))).rejects.toMatchObject(refused)
      for (let count = 0; count < 10; count++) await check(wrong, own)
      await expect(check(wrong, own)).rejects.toMatchObject(refused)
    })

    test('an account gets sixty wrong codes in a day, also if the waits are reset [M02]', async () => {
      const { store, clock, check } = await withTries()
      for (let count = 0; count < 60; count++) {
        if (count % 10 === 0) await store.query('delete from throttle where "blockedUntil" > 0')
        await check(wrong)
        clock.advance(20)
      }
      await store.query('delete from throttle where "blockedUntil" > 0')
      await expect(check(wrong)).rejects.toMatchObject({
        ...refused,
        refusal: { reason: 'second_factor_address' },
      })
      clock.advance(86_400)
      await check(wrong)
    })
  })
})

test('both proofs add the same methods', () => {
  expect(methodsOf({ code: '123456' })).toEqual(['otp', 'mfa'])
  expect(methodsOf({ recoveryCode: 'x' })).toEqual(['otp', 'mfa'])
})
