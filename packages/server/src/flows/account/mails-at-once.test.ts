import type { AddressInfo } from 'node:net'
import { headers as headerNames } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import { SMTPServer } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'
import type { Customizations } from '../../index.ts'
import {
  bearer,
  frontendSecret,
  frozenClock,
  password,
  requireTokens,
  startSallyport,
} from '../../testing/sallyport.ts'

const kinds = [
  'verifyAddress',
  'addressTaken',
  'resetPassword',
  'passwordChanged',
  'confirmNewAddress',
  'addressChangeAsked',
  'addressChanged',
  'newDevice',
  'sessionsEnded',
  'accountDeletion',
] as const

/** A server that sends to a real SMTP server, and the data of each mail. */
async function mailing(emailVerification: 'sign-in' | 'permissions') {
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _, callback) {
      stream.on('end', () => callback()).resume()
    },
  })
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => smtp.close(resolve)))
  type Data = Record<string, unknown>
  const made: [kind: string, data: Data][] = []
  const note = (kind: string) => (data: unknown) => void made.push([kind, data as Data])
  const mails = Object.fromEntries(kinds.map((kind) => [kind, note(kind)])) as Customizations['mails']
  const server = await startSallyport(
    {
      smtpUrl: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`,
      mailFrom: 'Ledgerline <no-reply@ledgerline.example>',
      productName: 'Ledgerline',
      emailVerification,
      ...(emailVerification === 'permissions' && { verifiedPermissions: 'invoice:read' }),
    },
    frozenClock(),
    mails ? { mails } : {},
  )
  /** Sends a request as the Next pages do for a browser. */
  const send = (method: string, path: string, body: object, headers: Record<string, string> = {}) =>
    server.fetch(path, {
      method,
      headers: {
        'content-type': 'application/json',
        [headerNames.frontendCredential]: frontendSecret,
        [headerNames.clientAddress]: '203.0.113.9',
        [headerNames.clientUserAgent]:
          'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
        ...headers,
      },
      body: JSON.stringify(body),
    })
  /** Waits for this number of mails and returns them, sorted by kind. */
  const mailed = async (count: number): Promise<[string, Data][]> => {
    await expect.poll(() => made.length).toBe(count)
    // Wait until the mailer is idle, so that mails queued later are not sent with these.
    await expect.poll(() => server.rows('mail').filter(({ state }) => state === 'due')).toEqual([])
    return made.splice(0).sort(([one], [other]) => (one < other ? -1 : 1))
  }
  const everywhere = { productName: 'Ledgerline', appUrl: 'http://localhost:3000' }
  const at = server.clock()
  return { server, send, mailed, sender: everywhere, asked: { at, device: 'Firefox on Linux' }, at }
}

const ada = { email: 'ada@example.com', password, name: 'Ada', transport: 'bearer' }
const link = expect.stringMatching(/^http:\/\/localhost:3000\/[a-z-]+#token=[\w-]{43}$/)
const tokenIn = (data: Record<string, unknown> | undefined) => String(data?.link).split('#token=')[1]

test('mails each step of an account at once, with name, time of the request and device', async () => {
  const { send, mailed, sender, asked, at, server } = await mailing('sign-in')
  const inName = { ...sender, name: 'Ada' }
  await send('POST', paths.signUp, ada)
  const [verify] = await mailed(1)
  expect(verify).toEqual(['verifyAddress', { ...sender, ...asked, name: '', link, validMinutes: 1_440 }])
  await send('POST', paths.resendVerification, { email: ada.email })
  const [again] = await mailed(1)
  expect(again).toEqual(verify?.with(1, { ...verify[1], link }))
  const device = { [headerNames.device]: 'd'.repeat(32) }
  const { accessToken } = await requireTokens(
    await send(
      'POST',
      paths.verifyAddress,
      { ...ada, token: tokenIn(again?.[1]), email: undefined, name: undefined },
      device,
    ),
  )
  await send('POST', paths.signUp, ada)
  expect(await mailed(1)).toEqual([
    ['addressTaken', { ...inName, ...asked, link: 'http://localhost:3000/login' }],
  ])
  await send('POST', paths.signIn, { ...ada, name: undefined }, { [headerNames.device]: 'e'.repeat(32) })
  expect(await mailed(1)).toEqual([['newDevice', { ...inName, ...asked, address: '203.0.113.9' }]])

  const signedIn = bearer(accessToken)
  await send('POST', paths.changeAddress, { newEmail: 'ada@new.example', password }, signedIn)
  const [change, confirm] = await mailed(2)
  expect(change).toEqual(['addressChangeAsked', { ...inName, ...asked, newEmail: 'ada@new.example' }])
  expect(confirm).toEqual(['confirmNewAddress', { ...sender, ...asked, name: '', link, validMinutes: 60 }])
  await send('POST', paths.confirmAddress, { token: tokenIn(confirm?.[1]) }, signedIn)
  expect(await mailed(1)).toEqual([['addressChanged', { ...inName, newEmail: 'ada@new.example', at }]])

  await send('POST', paths.forgotPassword, { email: 'ada@new.example' })
  const [reset] = await mailed(1)
  expect(reset).toEqual(['resetPassword', { ...inName, ...asked, link, validMinutes: 60 }])
  const [second, third] = ['a second door to open', 'a third door to open'] as const
  await send('POST', paths.resetPassword, { token: tokenIn(reset?.[1]), newPassword: second })
  expect(await mailed(1)).toEqual([['passwordChanged', { ...inName, ...asked }]])
  const signIn = async (secret: string) =>
    requireTokens(
      await send(
        'POST',
        paths.signIn,
        { email: 'ada@new.example', password: secret, transport: 'bearer' },
        device,
      ),
    )
  const fresh = bearer((await signIn(second)).accessToken)
  await send('POST', paths.changePassword, { currentPassword: second, newPassword: third }, fresh)
  expect(await mailed(1)).toEqual([['passwordChanged', { ...inName, ...asked }]])
  const { refreshToken } = await signIn(third)
  const next = await requireTokens(await server.refresh(refreshToken))
  await server.refresh(next.refreshToken)
  server.clock.advance(3_600)
  expect((await server.refresh(refreshToken)).status).toBe(401)
  expect(await mailed(1)).toEqual([
    ['sessionsEnded', { ...inName, at: server.clock(), link: 'http://localhost:3000/profile/sessions' }],
  ])
  await send('DELETE', paths.readProfile, { password: third }, bearer((await signIn(third)).accessToken))
  const now = server.clock()
  expect(await mailed(1)).toEqual([
    [
      'accountDeletion',
      { ...inName, ...asked, at: now, link: 'http://localhost:3000/login', deleteAt: now + 14 * 86_400_000 },
    ],
  ])
  expect(server.rows('session').filter(({ endReason }) => endReason === 'deletion')).toHaveLength(2)
})

test('mails the link at sign-up at once, where the address is verified later', async () => {
  const { send, mailed } = await mailing('permissions')
  expect((await send('POST', paths.signUp, ada)).status).toBe(200)
  expect((await mailed(1)).map(([kind]) => kind)).toEqual(['verifyAddress'])
})
