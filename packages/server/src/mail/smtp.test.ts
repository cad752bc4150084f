import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { afterEach, describe, expect, test } from 'vitest'
import { render } from './letter.ts'
import { openSmtp } from './smtp.ts'
import { templates } from './templates.ts'

type Received = { from: string; to: string[]; data: string }
const servers: SMTPServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise<void>((resolve) => server.close(resolve))))
})

/** Starts a real SMTP server on loopback. `refuse` decides on each recipient. */
async function startSmtp(refuse: (address: string) => Error | null = () => null, secure = false) {
  const received: Received[] = []
  const logins: unknown[] = []
  const server = new SMTPServer({
    authOptional: true,
    secure,
    disabledCommands: secure ? [] : ['STARTTLS'],
    onAuth(login, _, callback) {
      logins.push(login)
      callback(null, { user: login.username })
    },
    onRcptTo: ({ address }, _, callback) => callback(refuse(address)),
    onData(stream, { envelope }, callback) {
      let data = ''
      stream.setEncoding('utf8').on('data', (text: string) => {
        data += text
      })
      stream.on('end', () => {
        received.push({
          from: envelope.mailFrom ? envelope.mailFrom.address : '',
          to: envelope.rcptTo.map(({ address }) => address),
          data,
        })
        callback()
      })
    },
  })
  // A client that does not trust the certificate closes the connection.
  server.on('error', () => {})
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  return { url: `smtp://127.0.0.1:${port}`, port, received, logins }
}

const letter = render(
  templates.address_taken({ name: 'Ada' }, { productName: 'Ledgerline', appUrl: 'http://localhost:3000' }),
  'Ledgerline',
)
const mail = { ...letter, id: 'mail-1', to: 'ada@example.com' }
const from = 'Ledgerline <no-reply@ledgerline.example>'
const refusal = (code: number) => Object.assign(new Error('as you wish'), { responseCode: code })

describe('mail by SMTP', () => {
  test('sends text and HTML, with the same message id each time', async () => {
    const { url, received } = await startSmtp()
    const transport = openSmtp({ url, from })
    await transport.send(mail)
    await transport.send(mail)
    transport.close()
    expect(received.map(({ from: sender, to }) => [sender, to])).toEqual(
      Array(2).fill(['no-reply@ledgerline.example', ['ada@example.com']]),
    )
    for (const { data } of received) {
      expect(data).toContain('Message-ID: <mail-1@ledgerline.example>')
      expect(data).toContain('Content-Type: text/plain')
      expect(data).toContain('Content-Type: text/html')
      expect(data).toContain('Auto-Submitted: auto-generated')
    }
  })

  test.each([
    [450, false],
    [451, false],
    [421, false],
    [550, true],
    [553, true],
  ])('a refusal with %i is final: %s, and its message holds no address', async (code, isFinal) => {
    const { url } = await startSmtp(() => refusal(code))
    const transport = openSmtp({ url, from })
    const failed = await transport.send(mail).catch((error: unknown) => error)
    expect(failed).toMatchObject({ name: 'MailRefused', isFinal })
    expect(String(failed)).not.toContain('ada@example.com')
    transport.close()
  })

  test('a failed connection is not final', async () => {
    const { url } = await startSmtp()
    await new Promise<void>((resolve) => servers.splice(0)[0]?.close(resolve))
    const transport = openSmtp({ url, from })
    await expect(transport.send(mail)).rejects.toMatchObject({ isFinal: false, message: 'ESOCKET' })
    transport.close()
  })

  test('sends neither mail nor password to a server with an untrusted certificate', async () => {
    const { port, received, logins } = await startSmtp(() => null, true)
    const transport = openSmtp({ url: `smtps://user:canary@127.0.0.1:${port}`, from })
    await expect(transport.send(mail)).rejects.toMatchObject({ isFinal: false })
    transport.close()
    expect([received, logins]).toEqual([[], []])
  })

  test('an address is always exactly one recipient [A11]', async () => {
    const { url, received } = await startSmtp()
    const transport = openSmtp({ url, from })
    for (const to of [
      'a@example.com, b@example.com',
      'a@example.com\r\nBcc: b@example.com',
      '<a@example.com> b@example.com',
    ])
      await transport.send({ ...mail, to }).catch(() => {})
    transport.close()
    for (const { to, data } of received) {
      expect(to.length).toBeLessThanOrEqual(1)
      expect(data).not.toMatch(/^bcc:/im)
      expect(to).not.toContain('b@example.com')
    }
  })
})
