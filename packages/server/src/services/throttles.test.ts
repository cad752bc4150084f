import { headers } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { frontendSecret, password, requireTokens, startSallyport } from '../testing/sallyport.ts'
import { freshStore, storeKinds } from '../testing/stores.ts'
import { maxKnownDevices, passwordDelays, throttlePolicy } from './throttle-policy.ts'

const email = 'ada@example.com'
const network = '192.0.2.7'

type Asked = { from?: string; device?: string }

describe.each(storeKinds)('on %s', (kind) => {
  async function started(options: Parameters<typeof startSallyport>[0] = {}) {
    const store = await freshStore(kind)
    const server = await startSallyport({ ...store.options, ...options })
    /** Sends a request as the front end forwards it, with the browser's address. */
    const ask = (path: string, body: object, { from = network, device }: Asked = {}) =>
      server.post(path, body, {
        [headers.frontendCredential]: frontendSecret,
        [headers.clientAddress]: from,
        [headers.clientUserAgent]: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
        ...(device && { [headers.device]: device }),
      })
    const signIn = (attempt: Asked & { email?: string; password?: string } = {}) =>
      ask(
        paths.signIn,
        { email: attempt.email ?? email, password: attempt.password ?? password, transport: 'bearer' },
        attempt,
      )
    const guess = (attempt: Asked & { email?: string } = {}) =>
      signIn({ ...attempt, password: 'not the one' })
    const waitOf = (answer: Response) => Number(answer.headers.get('retry-after'))
    /** Sends this many wrong passwords, each as soon as allowed. */
    const guessAll = async (count: number, attempt: Asked & { email?: string } = {}) => {
      for (let done = 0; done < count; ) {
        const answer = await guess(attempt)
        if (answer.status === 401) done += 1
        else server.clock.advance(waitOf(answer))
      }
    }
    return { server, store, ask, signIn, guess, guessAll, waitOf }
  }

  describe('wrong passwords for one account', () => {
    test('the first have no wait, then it doubles up to the longest, with or without an account [ASVS 6.3.1]', async () => {
      const waits: number[][] = []
      for (const address of [email, 'nobody@example.com']) {
        const { server, guess, guessAll, waitOf } = await started()
        await server.addUser()
        await guessAll(passwordDelays.free, { email: address })
        const seen: number[] = []
        for (let more = 0; more < 13; more++) {
          const refused = await guess({ email: address })
          expect(refused.status).toBe(429)
          expect(await refused.json()).toMatchObject({ code: 'too_many_requests' })
          seen.push(waitOf(refused))
          server.clock.advance(waitOf(refused) - 0.001)
          expect((await guess({ email: address })).status).toBe(429)
          server.clock.advance(0.001)
          expect((await guess({ email: address })).status).toBe(401)
        }
        waits.push(seen)
      }
      expect(waits[0]).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900])
      expect(waits[1]).toEqual(waits[0])
    })

    test('the right password is refused during the wait, and resets the count afterwards', async () => {
      const { server, signIn, guess, guessAll, waitOf } = await started()
      await server.addUser()
      await guessAll(passwordDelays.free + 3)
      const refused = await signIn()
      expect(refused.status).toBe(429)
      server.clock.advance(waitOf(refused))
      expect((await signIn()).status).toBe(200)
      for (let count = 0; count < passwordDelays.free; count++) expect((await guess()).status).toBe(401)
      expect((await guess()).status).toBe(429)
    })

    test('of a hundred in parallel, with the address in different case, only the first ones are checked [A06]', async () => {
      const { server, guess } = await started({ hashQueueLength: 1_000 })
      await server.addUser()
      // An overloaded database leads to 503 without a result, so the request is repeated.
      const verdictFor = async (address: string): Promise<number> => {
        const { status } = await guess({ email: address })
        return status === 503 ? verdictFor(address) : status
      }
      const verdicts = await Promise.all(
        Array.from({ length: 100 }, (_, at) => verdictFor(at % 2 === 0 ? email : 'ADA@Example.COM')),
      )
      const heard = verdicts.filter((status) => status === 401).length
      expect(heard).toBeGreaterThan(0)
      expect(heard).toBeLessThanOrEqual(passwordDelays.free)
      expect(verdicts.filter((status) => status === 429)).toHaveLength(100 - heard)
    })

    test('after a hundred, only a reset by mail helps, and the audit log records the lock once [ASVS 6.3.1]', async () => {
      const { server, store, signIn, guess, guessAll, ask } = await started({
        developmentInbox: true,
        appUrl: 'http://localhost:3000',
      })
      await server.addUser()
      await guessAll(passwordDelays.maxTries)
      server.clock.advance(30 * 86_400)
      for (const tried of [await guess(), await signIn()]) {
        expect(tried.status).toBe(429)
        expect(await tried.json()).toMatchObject({ detail: expect.stringMatching(/mailed link/) })
      }
      const locked = await store.query(`select "userId" from audit_event where action = 'account_locked'`)
      expect(locked).toHaveLength(1)
      expect((await ask(paths.forgotPassword, { email })).status).toBe(202)
      const { mails } = (await (await server.get(paths.inbox)).json()) as { mails: { text: string }[] }
      const token = mails.map(({ text }) => /\/reset#token=([\w-]+)/.exec(text)?.[1]).find(Boolean)
      const newPassword = 'quite another way to enter'
      expect((await ask(paths.resetPassword, { token, newPassword })).status).toBe(204)
      expect((await signIn({ password: newPassword })).status).toBe(200)
    })

    test('an operator can unlock one account, and no other [A05]', async () => {
      const { server, guess, guessAll, signIn } = await started()
      const { id } = await server.addUser()
      await server.addUser('eve@example.com')
      await guessAll(passwordDelays.maxTries)
      for (let count = 0; count < passwordDelays.free; count++) await guess({ email: 'eve@example.com' })
      expect((await signIn()).status).toBe(429)
      await server.sallyport.operator.users.unlock(id)
      expect((await signIn({ email: 'eve@example.com' })).status).toBe(429)
      expect((await signIn()).status).toBe(200)
      await expect(server.sallyport.operator.users.unlock('nobody')).rejects.toMatchObject({
        code: 'not_found',
      })
    })

    test('a known browser is not locked out by others, and its own tries are limited [A05]', async () => {
      const { server, signIn, guess, guessAll } = await started()
      await server.addUser()
      const first = await signIn()
      const device = first.headers.get(headers.device) ?? ''
      expect(device).toMatch(/^[\w-]{32}$/)
      await guessAll(passwordDelays.maxTries, { from: '203.0.113.5' })
      expect((await signIn()).status).toBe(429)
      expect((await signIn({ device })).status).toBe(200)
      for (let count = 0; count < passwordDelays.free; count++)
        expect((await guess({ device })).status).toBe(401)
      expect((await guess({ device })).status).toBe(429)
    })

    test('the device of another account, or an invented one, does not count as known [A05]', async () => {
      const { server, signIn, guessAll } = await started()
      await server.addUser()
      await server.addUser('eve@example.com')
      const device = (await signIn({ email: 'eve@example.com' })).headers.get(headers.device) ?? ''
      await guessAll(passwordDelays.maxTries)
      expect((await signIn({ device })).status).toBe(429)
      expect((await signIn({ device: 'A'.repeat(32) })).status).toBe(429)
    })

    test('a try that was not checked is not counted', async () => {
      const { server, signIn, guess } = await started({ hashConcurrency: 1, hashQueueLength: 0 })
      await server.addUser()
      for (let refused = 0; refused <= 2 * passwordDelays.free; ) {
        const answers = await Promise.all(Array.from({ length: 8 }, () => signIn()))
        for (const { status } of answers) expect([200, 503]).toContain(status)
        refused += answers.filter(({ status }) => status === 503).length
      }
      for (let count = 0; count < passwordDelays.free; count++) expect((await guess()).status).toBe(401)
      expect((await guess()).status).toBe(429)
    })

    test('counts across a restart, and for two processes together', async () => {
      const store = await freshStore(kind)
      const one = await startSallyport(store.options)
      await one.addUser()
      const body = { email, password: 'not the one', transport: 'bearer' }
      for (let count = 0; count < passwordDelays.free; count++)
        expect((await one.post(paths.signIn, body)).status).toBe(401)
      const other = await startSallyport(store.options)
      expect((await other.post(paths.signIn, body)).status).toBe(429)
    })
  })

  test('a stolen session cannot be used to guess the password [ASVS 6.3.1]', async () => {
    const { server } = await started()
    await server.addUser()
    const { accessToken } = await server.signIn()
    const authorization = { authorization: `Bearer ${accessToken}` }
    const confirm = (secret: string) => server.post(paths.reauthenticate, { password: secret }, authorization)
    const change = () =>
      server.post(
        paths.changePassword,
        { currentPassword: 'not the one', newPassword: 'quite another way to enter' },
        authorization,
      )
    for (let count = 0; count < passwordDelays.free / 2; count++) {
      expect((await confirm('not the one')).status).toBe(400)
      expect((await change()).status).toBe(400)
    }
    expect((await change()).status).toBe(429)
    const refused = await confirm(password)
    expect(refused.status).toBe(429)
    server.clock.advance(Number(refused.headers.get('retry-after')))
    expect((await confirm(password)).status).toBe(204)
    expect((await confirm('not the one')).status).toBe(400)
  })

  describe('one network', () => {
    test('one password for many accounts is stopped; right passwords, other networks and known browsers are not [A04]', async () => {
      const { server, signIn, guess } = await started()
      await server.addUser()
      const device = (await signIn()).headers.get(headers.device) ?? ''
      const { tries, seconds } = throttlePolicy.sign_in.network
      for (let count = 0; count < tries; count++)
        expect((await guess({ email: `person-${count}@example.com` })).status).toBe(401)
      const refused = await guess({ email: 'one-more@example.com' })
      expect(refused.status).toBe(429)
      expect(refused.headers.get('ratelimit')).toMatch(/^"sign_in_network";r=0;t=\d+$/)
      expect(refused.headers.get('ratelimit-policy')).toBe(`"sign_in_network";q=${tries};w=${seconds}`)
      expect((await signIn()).status).toBe(429)
      expect((await signIn({ device })).status).toBe(200)
      expect((await signIn({ from: '192.0.2.8' })).status).toBe(200)
      server.clock.advance(seconds)
      expect((await signIn()).status).toBe(200)
    })

    test('the addresses of one IPv6 /64 are one network [A06]', async () => {
      const { server, guess } = await started()
      for (let count = 0; count < throttlePolicy.sign_in.network.tries; count++)
        await guess({ email: `person-${count}@example.com`, from: `2001:db8:1:2::${count.toString(16)}` })
      const from = (address: string) => guess({ email: 'one-more@example.com', from: address })
      expect((await from('2001:db8:1:2:ffff::1')).status).toBe(429)
      expect((await from('2001:db8:1:3::1')).status).toBe(401)
      expect(server.logLines.join('\n')).toContain('sign_in_network')
    })

    test('a forged header does not change the network of a caller [X04]', async () => {
      const { server } = await started()
      const attempt = (count: number, more: Record<string, string> = {}) =>
        server.fetch(
          paths.signIn,
          {
            method: 'POST',
            headers: {
              'content-type': 'application/json',
              'x-forwarded-for': `203.0.113.${count}`,
              forwarded: `for=203.0.113.${count}`,
              [headers.clientAddress]: `203.0.113.${count}`,
              ...more,
            },
            body: JSON.stringify({ email: `p${count}@example.com`, password: 'x', transport: 'bearer' }),
          },
          '198.51.100.4',
        )
      for (let count = 0; count < throttlePolicy.sign_in.network.tries; count++) await attempt(count)
      expect((await attempt(200)).status).toBe(429)
      expect((await attempt(201, { [headers.frontendCredential]: 'not the secret' })).status).toBe(403)
    })

    test('refused refreshes are limited, and valid ones are never refused because of them', async () => {
      const { server, ask } = await started({ throttleScale: 0.1 })
      await server.addUser()
      const { refreshToken } = await server.signIn()
      const ended = (await server.signIn()).refreshToken
      await server.post(paths.signOut, { refreshToken: ended })
      const maxTries = throttlePolicy.refresh.network.tries * 0.1
      for (let count = 0; count < maxTries; count++)
        expect((await ask(paths.refresh, { refreshToken: ended })).status).toBe(401)
      expect((await ask(paths.refresh, { refreshToken: ended })).status).toBe(429)
      expect((await ask(paths.refresh, { refreshToken })).status).toBe(200)
    })
  })

  describe('mails and sign-ups', () => {
    const mailed = { developmentInbox: true, emailVerification: 'sign-in' } as const

    test.each([
      [paths.forgotPassword, 'mail', (address: string) => ({ email: address })],
      [paths.resendVerification, 'mail', (address: string) => ({ email: address })],
      [
        paths.signUp,
        'sign_up',
        (address: string) => ({ email: address, password, name: 'Eve', transport: 'bearer' }),
      ],
    ] as const)(
      '%s is limited by address and by network, for known and unknown addresses [ASVS 6.3.1]',
      async (path, name, body) => {
        const { server, ask } = await started(mailed)
        await server.addUser()
        const policy = throttlePolicy[name]
        for (const address of [email, 'nobody@example.com']) {
          for (let count = 0; count < policy.address.tries; count++) {
            const answer = await ask(path, body(address))
            expect(answer.status).toBe(202)
            expect(answer.headers.get('ratelimit-policy')).toBe(
              `"${name}_network";q=${policy.network.tries};w=${policy.network.seconds}`,
            )
          }
          const refused = await ask(path, body(address))
          expect(refused.status).toBe(429)
          expect(Number(refused.headers.get('retry-after'))).toBe(policy.address.seconds)
          expect((await ask(path, body(address), { from: '203.0.113.9' })).status).toBe(429)
        }
        for (let count = 2 * policy.address.tries; count < policy.network.tries; count++)
          expect((await ask(path, body(`person-${count}@example.com`))).status).toBe(202)
        expect((await ask(path, body('one-more@example.com'))).status).toBe(429)
        expect((await ask(path, body('one-more@example.com'), { from: '203.0.113.9' })).status).toBe(202)
      },
    )

    test('guessing mailed links is limited [P09]', async () => {
      const { ask } = await started(mailed)
      const { tries } = throttlePolicy.link.network
      for (let count = 0; count < tries; count++) {
        const path = [paths.resetPassword, paths.verifyAddress, paths.confirmAddress][count % 3] ?? ''
        const token = Buffer.alloc(32, count + 1).toString('base64url')
        const rest =
          path === paths.resetPassword
            ? { newPassword: password }
            : path === paths.verifyAddress
              ? { transport: 'bearer' }
              : {}
        expect((await ask(path, { token, ...rest })).status).toBe(400)
      }
      const token = Buffer.alloc(32).toString('base64url')
      expect((await ask(paths.confirmAddress, { token })).status).toBe(429)
    })
  })

  test('the table does not show whom a count concerns', async () => {
    const { server, store, guess } = await started()
    await server.addUser()
    await guess()
    const rows = JSON.stringify(await store.query('select * from throttle'))
    expect(rows).not.toContain('ada@')
    expect(rows).not.toContain(network)
    // The address, its /24, the account, and overall.
    expect(JSON.parse(rows)).toHaveLength(4)
  })

  test('ended windows are deleted', async () => {
    const { server, store, guess } = await started()
    await guess()
    server.clock.advance(passwordDelays.forgottenAfter)
    await server.sallyport.upkeep()
    expect(await store.query('select * from throttle')).toEqual([])
  })

  describe('a new device', () => {
    const subjects = async (server: Awaited<ReturnType<typeof startSallyport>>) => {
      const { mails } = (await (await server.get(paths.inbox)).json()) as { mails: { subject: string }[] }
      return mails.map(({ subject }) => subject)
    }

    test('is mailed to the user, unless it is their first or a known one [ASVS 6.3.5]', async () => {
      const { server, signIn } = await started({ developmentInbox: true, productName: 'Ledgerline' })
      await server.addUser()
      const device = (await signIn()).headers.get(headers.device) ?? ''
      expect(await subjects(server)).toEqual([])
      const again = await signIn({ device })
      expect(again.headers.get(headers.device)).toBe(device)
      expect(await subjects(server)).toEqual([])
      await signIn({ from: '203.0.113.9' })
      expect(await subjects(server)).toEqual(['New sign-in to Ledgerline'])
    })

    test('an account knows only its last ones, and none after a password reset', async () => {
      const { server, store, signIn, ask } = await started({ developmentInbox: true })
      await server.addUser()
      for (let count = 0; count < maxKnownDevices + 3; count++) {
        server.clock.advance(1)
        await requireTokens(await signIn())
      }
      expect(await store.query('select hash from known_device')).toHaveLength(maxKnownDevices)
      await ask(paths.forgotPassword, { email })
      const { mails } = (await (await server.get(paths.inbox)).json()) as { mails: { text: string }[] }
      const token = mails.map(({ text }) => /\/reset#token=([\w-]+)/.exec(text)?.[1]).find(Boolean)
      await ask(paths.resetPassword, { token, newPassword: 'quite another way to enter' })
      expect(await store.query('select hash from known_device')).toEqual([])
    })
  })
})

test('the server sets and reads the device cookie, which scripts cannot read [A05]', async () => {
  const server = await startSallyport()
  await server.addUser()
  const browser = server.browser()
  const answer = await browser.signIn()
  expect(answer.headers.get(headers.device)).toBeNull()
  const device = browser.jar.get('sallyport_device')
  for (let count = 0; count < passwordDelays.free; count++)
    await server.post(paths.signIn, { email, password: 'not the one', transport: 'bearer' })
  expect((await server.browser().signIn()).status).toBe(429)
  browser.jar.delete('accessToken')
  browser.jar.delete('refreshToken')
  expect((await browser.signIn()).status).toBe(200)
  expect(browser.jar.get('sallyport_device')).toBe(device)
})

test('refuses sign-ins if the store fails [D08]', async () => {
  const server = await startSallyport()
  await server.addUser()
  server.execute('drop table throttle')
  for (const [path, body] of [
    [paths.signIn, { email, password, transport: 'bearer' }],
    [paths.signUp, { email: 'new@example.com', password, name: 'New', transport: 'bearer' }],
    [paths.forgotPassword, { email }],
  ] as const)
    expect((await server.post(path, body)).status).toBeGreaterThanOrEqual(500)
})
