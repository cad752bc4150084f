import { headers } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { frontendSecret, password, startSallyport } from '../testing/sallyport.ts'
import { sharedDatabase } from '../testing/shared-database.ts'
import { freshStore, storeKinds } from '../testing/stores.ts'
import { sourceFrom, throttleContext } from '../testing/throttle-context.ts'
import { FlowError } from './flow-error.ts'
import { throttlePolicy } from './throttle-policy.ts'
import { beginSignIn, consumeQuota } from './throttles.ts'

const email = 'ada@example.com'
/** Divides every limit by ten, so that a test needs a tenth of the requests. */
const throttleScale = 0.1
const scaled = (tries: number) => Math.max(1, Math.floor(tries * throttleScale))
const mail = throttlePolicy.mail

describe.each(storeKinds)('on %s', (kind) => {
  const database = sharedDatabase(kind)
  async function started() {
    const store = await freshStore(kind)
    const server = await startSallyport({
      ...store.options,
      throttleScale,
      developmentInbox: true,
      appUrl: 'http://localhost:3000',
    })
    await server.addUser()
    /** Sends a request as the front end does for a browser, with or without its address. */
    const ask = (path: string, body: object, from: string | null, device?: string) =>
      server.post(path, body, {
        [headers.frontendCredential]: frontendSecret,
        ...(from !== null && { [headers.clientAddress]: from }),
        ...(device && { [headers.device]: device }),
      })
    const forgot = (address: string, from: string | null, device?: string) =>
      ask(paths.forgotPassword, { email: address }, from, device)
    const signIn = (address: string, from: string | null, secret = password) =>
      ask(paths.signIn, { email: address, password: secret, transport: 'bearer' }, from)
    return { server, forgot, signIn }
  }

  test('stops one password tried on 250 accounts without client addresses, like one network [A04]', async () => {
    const { server, signIn } = await started()
    const statuses: number[] = []
    for (let count = 0; count < 250; count++)
      statuses.push((await signIn(`person-${count}@example.com`, null, 'one for all')).status)
    const { tries, seconds } = throttlePolicy.sign_in.network
    expect(statuses.filter((status) => status === 401)).toHaveLength(scaled(tries))
    expect(statuses.slice(scaled(tries))).toEqual(Array(250 - scaled(tries)).fill(429))
    const refused = await signIn(email, null)
    expect([refused.status, refused.headers.get('ratelimit')]).toEqual([429, null])
    expect(server.logLines.join('\n')).toContain('sign_in_network_unknown')
    // A known address can sign in; an invalid address counts as unknown.
    expect((await signIn(email, '192.0.2.7')).status).toBe(200)
    for (const garbage of ['unknown', '127.0.0.1, 192.0.2.9', '_hidden', '999.1.1.1'])
      expect((await signIn(email, garbage)).status).toBe(429)
    server.clock.advance(seconds)
    expect((await signIn(email, null)).status).toBe(200)
  })

  test('password resets from unknown addresses, up to the overall limit, block neither others nor known browsers [A06]', async () => {
    const { server, forgot, signIn } = await started()
    const device = (await signIn(email, '192.0.2.7')).headers.get(headers.device) ?? ''
    let sent = 0
    for (let count = 0; count < scaled(mail.overall.tries); count++)
      if ((await forgot(`person-${count}@example.com`, null)).status === 202) sent += 1
    expect(sent).toBe(scaled(mail.network.tries))
    expect((await forgot(email, '198.51.100.4')).status).toBe(202)
    expect((await forgot(email, null)).status).toBe(429)
    expect((await forgot(email, null, 'A'.repeat(32))).status).toBe(429)
    server.clock.advance(1)
    for (let count = 0; count < scaled(mail.address.tries); count++)
      expect((await forgot(email, null, device)).status).toBe(202)
    // There is a limit, because the device cookie could be stolen.
    expect((await forgot(email, null, device)).status).toBe(429)
    expect((await forgot('bob@example.com', null, device)).status).toBe(429)
  })

  test.each([
    ['the /64s of one /48', (at: number) => `2001:db8:1:${hex(at * 0x100)}::7`, '2001:db8:2::7'],
    ['the /64s of one /56', (at: number) => `2001:db8:1:${hex(0x100 + at)}::7`, '2001:db8:1:200::7'],
    ['the addresses of one /24', (at: number) => `192.0.2.${at}`, '198.51.100.4'],
  ])('requests from a hundred of %s do not block others [A06]', async (what, addressOf, elsewhere) => {
    const { forgot } = await started()
    let sent = 0
    for (let at = 0; at < 100; at++)
      for (let count = 0; count < scaled(mail.network.tries); count++)
        if ((await forgot(`person-${at}-${count}@example.com`, addressOf(at))).status === 202) sent += 1
    expect(sent).toBe(scaled(mail.network.tries) * (what.endsWith('/56') ? 2 : 4))
    expect((await forgot(email, elsewhere)).status).toBe(202)
  })

  test('when all networks together exceed the overall limit, uninvolved networks are not refused [A06]', async () => {
    const { server, forgot } = await started()
    const share = scaled(mail.overall.share)
    const networks = Math.ceil(scaled(mail.overall.tries) / (share + 1))
    const addressOf = (at: number) => `10.${at >> 8}.${at & 255}.7`
    for (let at = 0; at < networks; at++)
      for (let count = 0; count <= share; count++)
        expect((await forgot(`person-${at}-${count}@example.com`, addressOf(at))).status).toBe(202)
    const refused = await forgot('one-more@example.com', addressOf(0))
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, mail.overall.seconds])
    expect(server.logLines.join('\n')).toContain('mail_overall')
    for (let count = 0; count < share; count++)
      expect((await forgot(`owner-${count}@example.com`, '198.51.100.4')).status).toBe(202)
    expect((await forgot('owner@example.com', '198.51.100.4')).status).toBe(429)
    server.clock.advance(mail.overall.seconds)
    expect((await forgot('one-more@example.com', addressOf(0))).status).toBe(202)
  })

  test('no requests from one /48 or /24 make the first requests of another network fail [A06]', async () => {
    const { context, clock } = throttleContext(database(), throttleScale)
    const inside = fc.oneof(
      fc
        .tuple(fc.nat(0xffff), fc.nat(0xffff))
        .map(([subnet, host]) => `2001:db8:1:${hex(subnet)}::${hex(host)}`),
      fc.nat(255).map((host) => `192.0.2.${host}`),
      fc.constant(null),
    )
    const outside = fc.oneof(
      fc
        .tuple(fc.integer({ min: 2, max: 0xffff }), fc.nat(0xffff))
        .map(([site, subnet]) => `2001:db8:${hex(site)}:${hex(subnet)}::1`),
      fc.tuple(fc.integer({ min: 193, max: 223 }), fc.nat(255)).map(([a, b]) => `${a}.0.${b}.1`),
    )
    const names = fc.constantFrom('mail' as const, 'sign_up' as const)
    // More than the overall limit.
    const most = { minLength: 350, maxLength: 400, size: 'max' } as const
    await fc.assert(
      fc.asyncProperty(names, fc.array(inside, most), outside, async (name, attackers, stranger) => {
        clock.advance(3_600)
        let at = 0
        const ask = (address: string | null) =>
          consumeQuota(context, name, sourceFrom(address), `p-${at++}@example.com`)
        for (const address of attackers)
          await ask(address).catch((error: unknown) => expect(error).toBeInstanceOf(FlowError))
        for (let count = 0; count < scaled(throttlePolicy[name].overall.share); count++) await ask(stranger)
      }),
      // Do not shrink a failing example, because each try takes seconds.
      { numRuns: kind === 'SQLite' ? 15 : 2, endOnFailure: true },
    )
  })

  test('concurrent tries of many networks, right and wrong, do not deadlock', async () => {
    const { context } = throttleContext(database(), throttleScale)
    const tryOnce = async (at: number) => {
      const address = at % 2 === 0 ? `2001:db8:1:${hex(at % 3)}::1` : `192.0.2.${at % 3}`
      const attempt = await beginSignIn(
        context,
        { email: `p-${at}@example.com`, isKnownDevice: false },
        sourceFrom(address),
      ).catch((error: unknown) => {
        if (error instanceof FlowError) return null
        throw error
      })
      if (at % 3 === 0) await attempt?.refund()
      else await context.database.transaction().execute(async (transaction) => attempt?.reset(transaction))
    }
    // Ten run at any time; some begin while others end.
    const people = Array.from({ length: 10 }, async (_, person) => {
      for (let round = 0; round < 12; round++) await tryOnce(round * 10 + person)
    })
    await Promise.all(people)
    const rows = await context.database.selectFrom('throttle').select(['count']).execute()
    expect(rows.map(({ count }) => count).filter((count) => count !== 0)).toEqual([])
  })
})

const hex = (value: number) => value.toString(16)
