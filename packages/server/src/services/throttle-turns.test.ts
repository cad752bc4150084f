import { describe, expect, test } from 'vitest'
import type { Database } from '../store/database.ts'
import { sharedDatabase } from '../testing/shared-database.ts'
import { storeKinds } from '../testing/stores.ts'
import { sourceFrom, throttleContext } from '../testing/throttle-context.ts'
import { passwordDelays, throttlePolicy } from './throttle-policy.ts'
import { throttleKey } from './throttle-windows.ts'
import { beginPasswordCheck, beginSignIn, consumeQuota, consumeUserQuota, forgetTries } from './throttles.ts'

const email = 'ada@example.com'
const device = 'D'.repeat(32)
const here = () => sourceFrom('192.0.2.7', device)

/** All counts, with readable names, because the stored keys are hashes. */
function worldOn(database: Database, throttleScale = 1) {
  const { context, clock } = throttleContext(database, throttleScale)
  const names = {
    account: ['password', email],
    device: ['password', email, device],
    prompt: ['prompt', 'user-1'],
    'prompts of one user': ['prompt', 'user', 'user-1'],
    address: ['sign_in', 'network', '192.0.2.7'],
    '/24': ['sign_in', 'network_24', '192.0.2.0/24'],
    everybody: ['sign_in', 'overall', ''],
    'mails to a device': ['mail', 'device', email, device],
    'mails to an address': ['mail', 'address', email],
    'mails to a network': ['mail', 'network', '192.0.2.7'],
    'mails to a /24': ['mail', 'network_24', '192.0.2.0/24'],
    'mails overall': ['mail', 'overall', ''],
  }
  const byKey = new Map(Object.entries(names).map(([name, parts]) => [throttleKey(context, ...parts), name]))
  const counts = async () => {
    const rows = await database.selectFrom('throttle').select(['key', 'count']).execute()
    return Object.fromEntries(rows.map(({ key, count }) => [byKey.get(key) ?? key, count]))
  }
  const signIn = (isKnownDevice: boolean) => beginSignIn(context, { email, isKnownDevice }, here())
  return { context, clock, database, counts, signIn }
}

describe.each(storeKinds)('on %s', (kind) => {
  const shared = sharedDatabase(kind)
  const world = (throttleScale = 1) => worldOn(shared(), throttleScale)

  test('refund removes a try from all counts, with the wait that it began', async () => {
    const { database, clock, counts, signIn } = world()
    for (let count = 1; count < passwordDelays.free; count += 1) await signIn(false)
    const before = await counts()
    expect(before).toMatchObject({ account: passwordDelays.free - 1, everybody: passwordDelays.free - 1 })
    expect(new Set(Object.values(before))).toEqual(new Set([passwordDelays.free - 1]))
    const attempt = await signIn(false)
    await expect(signIn(false)).rejects.toMatchObject({ code: 'too_many_requests' })
    await attempt.refund()
    expect(await counts()).toEqual(before)
    // The wait ends with it, at the same time.
    await signIn(false)
    await expect(signIn(false)).rejects.toMatchObject({ refusal: { retryAfterSeconds: 1 } })
    clock.advance(1)
    await signIn(false)
    expect(await database.selectFrom('throttle').selectAll().execute()).toHaveLength(4)
  })

  test('a right password resets the counts of the account and this browser, and is not counted', async () => {
    const { database, counts, signIn } = world()
    await signIn(false)
    await signIn(true)
    expect(await counts()).toMatchObject({ account: 1, device: 1, everybody: 1 })
    const attempt = await signIn(false)
    await database.transaction().execute((transaction) => attempt.reset(transaction))
    const after = await counts()
    expect(after).not.toHaveProperty('account')
    expect(after).not.toHaveProperty('device')
    expect(new Set(Object.values(after))).toEqual(new Set([1]))
  })

  test('a known browser has only its own count; a right password there also resets that of the account', async () => {
    const { database, counts, signIn } = world()
    const attempt = await signIn(true)
    expect(await counts()).toEqual({ device: 1 })
    await attempt.refund()
    expect(await counts()).toEqual({ device: 0 })
    await signIn(false)
    const right = await signIn(true)
    await database.transaction().execute((transaction) => right.reset(transaction))
    expect(await counts()).not.toHaveProperty('account')
    expect(await counts()).not.toHaveProperty('device')
  })

  test('marks the last try, and refuses further ones after any wait', async () => {
    const { clock, signIn } = world()
    const lasts: boolean[] = []
    for (let count = 0; count < passwordDelays.maxTries; count += 1) {
      lasts.push((await signIn(true)).isLast)
      clock.advance(passwordDelays.longestWait)
    }
    expect(lasts.indexOf(true)).toBe(passwordDelays.maxTries - 1)
    await expect(signIn(true)).rejects.toMatchObject({
      code: 'too_many_requests',
      refusal: {
        reason: 'too many wrong passwords',
        retryAfterSeconds: passwordDelays.forgottenAfter - passwordDelays.longestWait,
        details: { detail: expect.stringContaining('mailed link') },
      },
    })
  })

  test('a password reset by mail resets the counts of the account, at sign-in and at the prompt', async () => {
    const { context, database, counts, signIn } = world()
    await signIn(false)
    await beginPasswordCheck(context, 'user-1', here())
    expect(await counts()).toMatchObject({ account: 1, prompt: 1, 'prompts of one user': 1 })
    await database
      .transaction()
      .execute((transaction) => forgetTries(context, transaction, { id: 'user-1', email }))
    expect(await counts()).not.toHaveProperty('account')
    expect(await counts()).not.toHaveProperty('prompt')
    expect(await counts()).toMatchObject({ 'prompts of one user': 1 })
  })

  test('a prompt is counted for the user, and as a wrong password until it is right', async () => {
    const { context, database, counts } = world()
    const source = here()
    const attempt = await beginPasswordCheck(context, 'user-1', source)
    expect(await counts()).toEqual({ prompt: 1, 'prompts of one user': 1 })
    expect(source.limits).toMatchObject([
      { name: 'prompt_user', remaining: throttlePolicy.prompt.user.tries - 1 },
    ])
    await database.transaction().execute((transaction) => attempt.reset(transaction))
    expect(await counts()).toEqual({ 'prompts of one user': 1 })
    await (await beginPasswordCheck(context, 'user-1', source)).refund()
    expect(await counts()).toEqual({ prompt: 0, 'prompts of one user': 2 })
  })

  test('mails for a known browser have one count, others those of network, address and overall', async () => {
    const { context, counts } = world()
    await consumeQuota(context, 'mail', here(), email, { isKnownDevice: true })
    expect(await counts()).toEqual({ 'mails to a device': 1 })
    await consumeQuota(context, 'mail', here(), email)
    // A device without a value, or a request without an address, does not count as known.
    await consumeQuota(context, 'mail', sourceFrom('192.0.2.7'), email, { isKnownDevice: true })
    await consumeQuota(context, 'mail', here(), null, { isKnownDevice: true })
    expect(await counts()).toEqual({
      'mails to a device': 1,
      'mails to an address': 2,
      'mails to a network': 3,
      'mails to a /24': 3,
      'mails overall': 3,
    })
    await expect(consumeQuota(context, 'link', here(), email, { isKnownDevice: true })).rejects.toThrow(
      'link is not limited by address.',
    )
  })

  test('refused requests are not counted, and the caller learns only of their own windows', async () => {
    const { context, counts } = world(0.1)
    const source = here()
    const [tries, seconds] = [throttlePolicy.mail.network.tries / 10, throttlePolicy.mail.network.seconds]
    for (let count = 0; count < tries; count += 1)
      await consumeQuota(context, 'mail', source, `person-${count}@example.com`)
    const before = await counts()
    await expect(consumeQuota(context, 'mail', source, email)).rejects.toMatchObject({
      code: 'too_many_requests',
      refusal: { reason: 'mail_network', retryAfterSeconds: seconds },
    })
    expect(await counts()).toEqual(before)
    expect(new Set(source.limits.map(({ name }) => name))).toEqual(new Set(['mail_network']))
    expect(source.limits.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0])
    const own = here()
    await consumeUserQuota(context, 'download', 'user-1', own)
    await expect(consumeUserQuota(context, 'download', 'user-1', own)).rejects.toMatchObject({
      refusal: { reason: 'download_user' },
    })
    await consumeUserQuota(context, 'download', 'user-2', own)
    expect(own.limits.map(({ remaining }) => remaining)).toEqual([0, 0, 0])
  })
})
