import { isLoopbackHost } from '@sallyport/protocol/loopback'
import { createTransport, type Transporter } from 'nodemailer'
import type { Rendered } from './letter.ts'

/** Sends mails. `send` resolves after the server has accepted the mail. */
export type MailTransport = {
  /** @throws MailRefused when the mail server does not accept the mail. */
  send(mail: Rendered & { id: string; to: string }): Promise<void>
  close(): void
}

/** The error when the mail server does not accept a mail. */
export class MailRefused extends Error {
  /** True if another try cannot succeed (RFC 5321 section 4.2.1, codes 5yz). */
  readonly isFinal: boolean
  constructor(message: string, isFinal: boolean) {
    super(message)
    this.name = 'MailRefused'
    this.isFinal = isFinal
  }
}

/** The time limits of one delivery, in milliseconds. Their sum is less than the time for which a worker reserves a mail. */
const timeouts = {
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 20_000,
  dnsTimeout: 5_000,
}

/**
 * Opens a connection to an SMTP server. `smtps:` uses TLS from the start. `smtp:` requires STARTTLS, except on localhost. So passwords and
 * links are never sent over a network without encryption.
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
          // Pass an object, so that the address cannot be parsed as two addresses.
          to: { name: '', address: to },
          subject,
          html,
          text,
          // The id is the same at each try. If a mail is sent twice because a response was lost, mail programs can recognise the second
          // mail as a copy.
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

/**
 * Returns an error with only the status code of the mail server, because the text of the response may contain the address of the recipient.
 */
function refusalOf(error: unknown): MailRefused {
  const { responseCode, code } = error as { responseCode?: number; code?: string }
  if (responseCode === undefined) return new MailRefused(code ?? 'no answer', false)
  // If the credentials of this server are wrong, an operator must change the settings. The mail can be sent afterwards.
  const isFinal = responseCode >= 500 && code !== 'EAUTH'
  return new MailRefused(`${responseCode}`, isFinal)
}
