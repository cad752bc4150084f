import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

/** The time, in milliseconds, within which a mail must arrive. */
const arrivalMs = 30_000

/** A mail server on loopback, for the codes that the auth server mails. */
export type MailServer = {
  url: string
  /** Waits for the next code to this address that was not taken yet. */
  takeCode(email: string): Promise<string>
  stop(): Promise<void>
}

export async function startMailServer(): Promise<MailServer> {
  const codes = new Map<string, string>()
  const waiting = new Map<string, (code: string) => void>()
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, { envelope }, callback) {
      let data = ''
      stream.setEncoding('utf8').on('data', (text: string) => {
        data += text
      })
      stream.on('end', () => {
        const code = /^(\d{6})\r?$/m.exec(data)?.[1]
        if (code !== undefined) for (const { address } of envelope.rcptTo) arrive(address, code)
        callback()
      })
    },
  })
  // The auth server closes its connections when it stops.
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo

  function arrive(email: string, code: string): void {
    const waiter = waiting.get(email)
    if (waiter === undefined) codes.set(email, code)
    else waiter(code)
  }

  return {
    url: `smtp://127.0.0.1:${port}`,
    takeCode: (email) =>
      new Promise((resolve, reject) => {
        const code = codes.get(email)
        codes.delete(email)
        if (code !== undefined) return resolve(code)
        const late = setTimeout(() => reject(new Error(`No code was mailed to ${email}.`)), arrivalMs)
        waiting.set(email, (arrived) => {
          clearTimeout(late)
          waiting.delete(email)
          resolve(arrived)
        })
      }),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
