import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../config/config.ts'
import { QueueFullError } from '../../credentials/hash-queue.ts'
import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { bearer, metricsSecret, password, startSallyport, testOptions } from '../../testing/sallyport.ts'
import {
  betterHash,
  hashNewPassword,
  requireAcceptablePassword,
  requireCapacity,
  verifyPassword,
} from './password.ts'

const newcomer = { email: 'grace@example.com', name: 'Grace Hopper', transport: 'bearer' }
type Problem = { code: string; errors?: { field: string; message: string }[] }

const register = async (server: Awaited<ReturnType<typeof startSallyport>>, secret: string) => {
  const answer = await server.post(paths.signUp, { ...newcomer, password: secret })
  return { status: answer.status, body: (await answer.json()) as Problem }
}

test('refuses a common, patterned or personal password with advice, in every place where one is set [A10, ASVS 6.2.4]', async () => {
  const server = await startSallyport({
    productName: 'Ledgerline',
    developmentInbox: true,
    throttleScale: 10,
  })
  await server.addUser()
  for (const [secret, advice] of [
    ['password2024!', /Many people use/],
    ['abcdefghijklm', /Patterns/],
    ['GraceHopper1906', /too close to your name/],
    ['ledgerline-2026', /too close to your name, your address or ours/],
    ['short', /at least 12 characters/],
  ] as const) {
    const { status, body } = await register(server, secret)
    expect([status, body.errors]).toEqual([
      400,
      [{ field: 'password', message: expect.stringMatching(advice) }],
    ])
  }
  const { accessToken } = await server.signIn()
  const change = await server.post(
    paths.changePassword,
    { currentPassword: password, newPassword: 'sunshine1234' },
    bearer(accessToken),
  )
  expect(((await change.json()) as Problem).errors?.[0]?.field).toBe('newPassword')
  await server.post(paths.forgotPassword, { email: 'ada@example.com' })
  const { mails } = (await (await server.get(paths.inbox)).json()) as { mails: { text: string }[] }
  const token = mails.map(({ text }) => /\/reset#token=([\w-]+)/.exec(text)?.[1]).find(Boolean)
  const reset = (newPassword: string) => server.post(paths.resetPassword, { token, newPassword })
  const refused = await reset('ada-ada-ada-2026')
  expect(((await refused.json()) as Problem).errors?.[0]?.field).toBe('newPassword')
  // The link still works, so that the user can enter another password.
  expect((await reset('quite another way to enter')).status).toBe(204)
  await expect(
    server.sallyport.operator.users.create({ email: 'o@example.com', name: 'O', password: 'administrator' }),
  ).rejects.toMatchObject({ code: 'invalid_request' })
})

test('uses a password exactly as entered: not truncated, trimmed or case-folded [ASVS 6.2.8]', async () => {
  const server = await startSallyport()
  const secret = ` ${'Ünusual words, '.repeat(12)} `
  expect((await register(server, secret)).status).toBe(200)
  const signIn = async (typed: string) =>
    (await server.post(paths.signIn, { email: newcomer.email, password: typed, transport: 'bearer' })).status
  for (const other of [secret.trim(), secret.toLowerCase(), secret.slice(0, 128)])
    expect(await signIn(other)).toBe(401)
  expect(await signIn(secret)).toBe(200)
  const far = await register(server, 'x'.repeat(1_025))
  expect([far.status, far.body.errors?.[0]?.message]).toEqual([
    400,
    'A password has at most 1,024 characters.',
  ])
})

test('a password does not expire [ASVS 6.2.10, N-04]', async () => {
  const server = await startSallyport()
  await server.addUser()
  await server.signIn()
  server.clock.advance(10 * 365 * 24 * 3600)
  const answer = await server.post(paths.signIn, { email: 'ada@example.com', password, transport: 'bearer' })
  expect(answer.status).toBe(200)
})

test('refuses passwords that the breach service knows; the setting decides when it does not answer [ASVS 6.2.12]', async () => {
  const suffix = createHash('sha1').update(password).digest('hex').toUpperCase().slice(5)
  let answer = `${suffix}:7`
  const service = createServer((_, response) => void response.end(answer))
  onTestFinished(() => void service.close())
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const { port } = service.address() as AddressInfo
  const breachUrl = `http://127.0.0.1:${port}/range/`
  const open = await startSallyport({ breachUrl, metricsSecret })
  const closed = await startSallyport({ breachUrl, breachFailure: 'closed' })
  for (const server of [open, closed]) {
    const { status, body } = await register(server, password)
    expect([status, body.errors?.[0]?.message]).toEqual([400, expect.stringMatching(/known from a breach/)])
  }
  answer = 'out of order'
  expect((await register(closed, password)).status).toBe(503)
  expect((await register(open, password)).status).toBe(200)
  expect(open.logLines.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'breach service')).toEqual(
    expect.objectContaining({ level: 40, reason: 'not an answer of the range protocol' }),
  )
  const metrics = await (await open.get(paths.metrics, bearer(metricsSecret))).text()
  expect(metrics).toMatch(/sallyport_breach_queries_total\{outcome="known"\} 1\n/)
  expect(metrics).toMatch(/sallyport_breach_queries_total\{outcome="failed"\} 1\n/)
  answer = `${'0'.repeat(35)}:1`
  expect((await register(closed, password)).status).toBe(200)
})

describe('with a full queue of hashes, or a client that has disconnected', () => {
  const config = readConfig(testOptions)
  const about = { email: 'grace@example.com', name: 'Grace' }
  const full = new QueueFullError(7)
  const gone = AbortSignal.abort()
  const fault = new Error('the disk is full')
  const refusing = (error: unknown) => {
    const refuse = () => Promise.reject(error)
    const requireCapacity = () => {
      throw error
    }
    return { requireCapacity, hash: refuse, verify: refuse, needsRehash: (hash: string) => hash === 'weak' }
  }
  /** A context with this queue of hashes and this breach service. */
  const contextOf = (
    passwords: object,
    breached: (() => Promise<boolean | null>) | null = null,
    breachFailure = 'open',
  ) => {
    const outcomes: string[] = []
    const metrics = { countBreachQuery: (outcome: string) => void outcomes.push(outcome) }
    const context = { config: { ...config, breachFailure }, passwords, breached, metrics }
    return { context: context as unknown as Context, outcomes }
  }
  const acceptable = (field?: string) =>
    requireAcceptablePassword({ config } as Context, password, { ...about, ...(field && { field }) })
  const busy = { code: 'server_busy', refusal: { retryAfterSeconds: 7 } }

  test('refuses hashes and checks when the queue is full, with Retry-After', async () => {
    const { context } = contextOf(refusing(full))
    expect(() => requireCapacity(context)).toThrow(expect.objectContaining(busy))
    await expect(hashNewPassword(context, await acceptable(), null)).rejects.toMatchObject(busy)
    await expect(verifyPassword(context, password, 'x', null)).rejects.toMatchObject(busy)
    // Also if the client has disconnected by then.
    await expect(verifyPassword(context, password, 'x', gone)).rejects.toMatchObject(busy)
  })

  test('reports a disconnected client as busy, and other errors as errors', async () => {
    const { context } = contextOf(refusing(fault))
    await expect(verifyPassword(context, password, 'x', gone)).rejects.toMatchObject({
      code: 'server_busy',
      refusal: { reason: 'the client has disconnected' },
    })
    const here = new AbortController().signal
    for (const signal of [null, here]) {
      await expect(verifyPassword(context, password, 'x', signal)).rejects.toBe(fault)
      await expect(hashNewPassword(context, await acceptable(), signal)).rejects.toBe(fault)
    }
    expect(() => requireCapacity(context)).toThrow(fault)
  })

  test('accepts a right password if there is no room to replace its weak hash', async () => {
    expect(await betterHash(contextOf(refusing(full)).context, password, 'weak')).toBeNull()
    await expect(betterHash(contextOf(refusing(fault)).context, password, 'weak')).rejects.toBe(fault)
    expect(await betterHash(contextOf(refusing(fault)).context, password, 'strong')).toBeNull()
    const passwords = { ...refusing(fault), hash: async () => 'better' }
    expect(await betterHash(contextOf(passwords).context, password, 'weak')).toBe('better')
  })

  test('neither hashes nor counts the query if the client disconnects during the breach check', async () => {
    const leaving = new AbortController()
    const { context, outcomes } = contextOf({ hash: () => Promise.reject(fault) }, async () => {
      leaving.abort()
      return null
    })
    const hashing = hashNewPassword(context, await acceptable(), leaving.signal)
    await expect(hashing).rejects.toMatchObject({ code: 'server_busy' })
    expect(outcomes).toEqual([])
  })

  test.each([
    [true, 'open', 'invalid_request', 'known'],
    [true, 'closed', 'invalid_request', 'known'],
    [false, 'open', 'hashed', 'unknown'],
    [false, 'closed', 'hashed', 'unknown'],
    [null, 'open', 'hashed', 'failed'],
    [null, 'closed', 'unavailable', 'failed'],
  ])(
    'with breach service answer %s and breachFailure %s, the result is %s',
    async (isBreached, failure, outcome, count) => {
      const passwords = { hash: async () => 'hashed' }
      const { context, outcomes } = contextOf(passwords, async () => isBreached, failure)
      const made = await hashNewPassword(context, await acceptable('newPassword'), null).catch(
        (error: FlowError) => error,
      )
      expect([typeof made === 'string' ? made : made.code, outcomes]).toEqual([outcome, [count]])
      if (made instanceof FlowError && outcome === 'invalid_request')
        expect(made.refusal.details).toEqual({
          errors: [{ field: 'newPassword', message: expect.stringContaining('known from a breach') }],
        })
      if (made instanceof FlowError && outcome === 'unavailable')
        expect(made.refusal).toMatchObject({ retryAfterSeconds: 5 })
    },
  )
})
