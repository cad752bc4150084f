import { isLoopbackHost } from '@sallyport/protocol/loopback'
import { createTransport, type Transporter } from 'nodemailer'
import type { Rendered } from './letter.ts'

/** Sends one mail; resolves once the server has taken it over. */
export type MailTransport = {
  /** @throws MailRefused, which says whether it is worth another try. */
  send(mail: Rendered & { id: string; to: string }): Promise<void>
  close(): void
}

/** The mail server did not take a mail. */
export class MailRefused extends Error {
  /** Trying again cannot help: the server has said so (RFC 5321 section 4.2.1, 5yz). */
  readonly isFinal: boolean
  constructor(message: string, isFinal: boolean) {
    super(message)
    this.name = 'MailRefused'
    this.isFinal = isFinal
  }
}

/** Milliseconds; all together less than a worker holds a mail. */
const timeouts = {
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 20_000,
  dnsTimeout: 5_000,
}

/**
 * A mail server by SMTP. `smtps:` speaks TLS from the start; `smtp:` upgrades, and refuses to go on without, except on the machine
 * itself: a password or a link never travels in the clear.
 */
export function openSmtp({ url, from }: { url: string; from: string }): MailTransport {
  const { protocol, hostname, port, username, password, searchParams } = new URL(url)
  const ca = searchParams.get('ca')
  const transport: Transporter = createTransport({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (protocol === 'smtps:' ? 465 : 587) : Number(port),
    secure: protocol === 'smtps:',
    requireTLS: protocol === 'smtp:' && !isLoopbackHost(hostname),
    ...(username && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    ...(ca && { tls: { ca } }),
    ...timeouts,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send({ id, to, subject, html, text }) {
      try {
        await transport.sendMail({
          from,
          // An object, so that no address can be read as two.
          to: { name: '', address: to },
          subject,
          html,
          text,
          // The same each time: a mail that is sent twice, because an answer was lost, can be known as one.
          messageId: `<${id}@${domainOf(from)}>`,
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        })
      } catch (error) {
        throw refusalOf(error)
      }
    },
    close: () => transport.close(),
  }
}

function domainOf(from: string): string {
  return /@([\w.-]+)/.exec(from)?.[1] ?? 'localhost'
}

/** Only what the server said in numbers: its words may repeat the address. */
function refusalOf(error: unknown): MailRefused {
  const { responseCode, code } = error as { responseCode?: number; code?: string }
  if (responseCode === undefined) return new MailRefused(code ?? 'no answer', false)
  // Wrong credentials are ours to mend, and no fault of the mail.
  const isFinal = responseCode >= 500 && code !== 'EAUTH'
  return new MailRefused(`${responseCode}`, isFinal)
}
