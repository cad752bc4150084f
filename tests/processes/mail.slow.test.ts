import type { AddressInfo } from 'node:net'
import { paths } from '@sallyport/protocol/endpoints'
import { SMTPServer } from 'smtp-server'
import { describe, expect, test } from 'vitest'
import { freshStore, type StoreKind, storeKinds } from '../../packages/server/src/testing/stores.ts'
import { type Clean, settingsOf, startAuthServer } from './auth-server.ts'
import { send, signUp } from './client.ts'

type Taken = { to: string; id: string; text: string }
/** What the mail server does with one delivery: accepts it, refuses it for now or for good, hangs up in the middle, or never answers. */
type Conduct = 'take' | 451 | 550 | 'cut' | 'silence'

/** A mail server on loopback. It has accepted a mail if it answered 250. */
async function startMailServer(clean: Clean) {
  const taken: Taken[] = []
  const begun: string[] = []
  let conduct: (to: string) => Conduct = () => 'take'
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, callback) {
      const to = session.envelope.rcptTo.map(({ address }) => address).join()
      const what = conduct(to)
      begun.push(to)
      let data = ''
      stream.setEncoding('utf8').on('data', (text: string) => {
        data += text
      })
      stream.on('end', () => {
        if (what === 'silence') return
        if (what === 'cut') return hangUp(session.id)
        if (typeof what === 'number')
          return callback(Object.assign(new Error('not now'), { responseCode: what }))
        taken.push({ to, id: /^Message-ID: (<.*>)\r$/m.exec(data)?.[1] ?? '', text: data })
        callback()
      })
    },
  })
  server.on('error', () => {})
  /** The library has no method for a broken connection. */
  const { connections } = server as unknown as {
    connections: Set<{ id: string; _socket: { destroy(): void } }>
  }
  function hangUp(id: string): void {
    for (const connection of connections) if (connection.id === id) connection._socket.destroy()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  clean(() => {
    for (const { _socket } of connections) _socket.destroy()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  })
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    taken,
    begun,
    behave(next: (to: string) => Conduct) {
      conduct = next
    },
  }
}

// On SQLite, services/mailer.test.ts has two servers in one process.
describe.each(storeKinds)('mail from several processes, on %s', (kind: StoreKind) => {
  async function started(clean: Clean, processes = 2) {
    const mail = await startMailServer(clean)
    const store = await freshStore(kind, clean)
    const settings = {
      ...settingsOf(store.options),
      SALLYPORT_SMTP_URL: mail.url,
      SALLYPORT_MAIL_FROM: 'Ledgerline <no-reply@ledgerline.example>',
      SALLYPORT_APP_URL: 'http://localhost:3000',
      SALLYPORT_EMAIL_VERIFICATION: 'off',
    }
    const start = () => startAuthServer(settings, clean)
    const servers = await Promise.all(Array.from({ length: processes }, start))
    const urls = servers.map(({ url }) => url)
    const people = async (count: number) => {
      const signedUp = await Promise.all(
        Array.from({ length: count }, (_, at) => signUp(urls[at % urls.length] ?? '')),
      )
      return signedUp.map(({ email }) => email)
    }
    const forgot = (url: string, email: string) =>
      send(url, 'POST', paths.forgotPassword, { body: { email } })
    const rows = () =>
      store.query<{ recipient: string; state: string; attempts: number; lastError: string | null }>(
        `select recipient, state, attempts, "lastError" from mail where recipient != '' order by id`,
      )
    /** Ends the wait before the next try, or the time for which a worker reserves a mail. */
    const dueNow = async (url: string) => {
      await store.query('update mail set "dueAt" = 0')
      await forgot(url, 'nobody@example.com')
    }
    return { mail, store, servers, urls, start, people, forgot, rows, dueNow }
  }

  test('sends each mail once', async ({ onTestFinished }) => {
    const { mail, urls, people, forgot, rows } = await started(onTestFinished)
    const emails = await people(12)
    await Promise.all(emails.map((email, at) => forgot(urls[(at + 1) % 2] ?? '', email)))
    await expect.poll(() => mail.taken.length, { timeout: 20_000 }).toBe(12)
    await expect.poll(async () => (await rows()).every(({ state }) => state === 'sent')).toBe(true)
    expect(new Set(mail.taken.map(({ id }) => id)).size).toBe(12)
    expect(mail.taken.map(({ to }) => to).sort()).toEqual(emails.toSorted())
    for (const { text } of mail.taken) expect(text).toContain('/reset#token=')
  })

  test('sends it once after a temporary failure, and stops after a permanent one', async ({
    onTestFinished,
  }) => {
    const { mail, urls, people, forgot, rows, dueNow } = await started(onTestFinished)
    const [grey = '', cut = '', gone = '', fine = ''] = await people(4)
    const conducts = new Map<string, Conduct>([
      [grey, 451],
      [cut, 'cut'],
      [gone, 550],
    ])
    mail.behave((to) => conducts.get(to) ?? 'take')
    for (const email of [grey, cut, gone, fine]) await forgot(urls[0] ?? '', email)
    await expect.poll(() => new Set(mail.begun).size, { timeout: 20_000 }).toBe(4)
    await expect
      .poll(async () => (await rows()).map(({ state, lastError }) => [state, lastError]), {
        timeout: 20_000,
      })
      .toEqual([
        ['due', '451'],
        ['due', expect.stringMatching(/^E[A-Z]+$/)],
        ['dead', '550'],
        ['sent', null],
      ])
    expect(mail.taken.map(({ to }) => to)).toEqual([fine])
    mail.behave(() => 'take')
    await dueNow(urls[1] ?? '')
    await expect
      .poll(() => mail.taken.map(({ to }) => to).sort(), { timeout: 20_000 })
      .toEqual([fine, grey, cut].sort())
    await expect
      .poll(async () => (await rows()).map(({ state }) => state))
      .toEqual(['sent', 'sent', 'dead', 'sent'])
  })

  test('sends it once if a process is killed during the delivery', async ({ onTestFinished }) => {
    const { mail, servers, urls, people, forgot, rows, dueNow, start } = await started(onTestFinished, 1)
    const [email = ''] = await people(1)
    mail.behave(() => 'silence')
    await forgot(urls[0] ?? '', email)
    await expect.poll(() => mail.begun, { timeout: 20_000 }).toEqual([email])
    await servers[0]?.crash()
    mail.behave(() => 'take')
    const next = await start()
    expect(mail.taken).toEqual([])
    await dueNow(next.url)
    await expect.poll(() => mail.taken.map(({ to }) => to), { timeout: 20_000 }).toEqual([email])
    await expect.poll(async () => (await rows()).map(({ state }) => state)).toEqual(['sent'])
    expect((await rows())[0]?.attempts).toBe(2)
  })

  test('sends queued mails of a killed process', async ({ onTestFinished }) => {
    const { mail, servers, urls, people, forgot, rows, start, dueNow } = await started(onTestFinished, 1)
    const emails = await people(8)
    mail.behave(() => 451)
    await Promise.all(emails.map((email) => forgot(urls[0] ?? '', email)))
    await servers[0]?.crash()
    expect((await rows()).map(({ recipient }) => recipient).sort()).toEqual(emails.toSorted())
    mail.behave(() => 'take')
    const next = await start()
    await dueNow(next.url)
    await expect
      .poll(() => mail.taken.map(({ to }) => to).sort(), { timeout: 20_000 })
      .toEqual(emails.toSorted())
  })
})
