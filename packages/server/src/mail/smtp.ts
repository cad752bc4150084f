import { isLoopbackHost } from '@sallyport/protocol/loopback'
import { createTransport, type Transporter } from 'nodemailer'
import type { Rendered } from './letter.ts'

/** Sends one mail. Resolves once the server has accepted it. */
export type MailTransport = {
  /** @throws MailRefused, whose `isFinal` says whether another try can succeed. */
  send(mail: Rendered & { id: string; to: string }): Promise<void>
  close(): void
}

/** Thrown when the mail server did not accept a mail. */
export class MailRefused extends Error {
  /** Whether another try cannot succeed (RFC 5321 section 4.2.1, 5yz). */
  readonly isFinal: boolean
  constructor(message: string, isFinal: boolean) {
    super(message)
    this.name = 'MailRefused'
    this.isFinal = isFinal
  }
}

/** Milliseconds; together less than the time for which a worker reserves a mail. */
const timeouts = {
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 20_000,
  dnsTimeout: 5_000,
}

/**
 * Opens a transport to an SMTP server. `smtps:` uses TLS from the start; `smtp:` requires STARTTLS, except on localhost. So passwords and links
 * are never sent without encryption.
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
          // An object, so that an address cannot be parsed as two.
          to: { name: '', address: to },
          subject,
          html,
          text,
          // The same each time, so that mail programs can recognise a mail that was sent twice because a response was lost.
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

/** Keeps only the status codes of the server, because its text may contain the address. */
function refusalOf(error: unknown): MailRefused {
  const { responseCode, code } = error as { responseCode?: number; code?: string }
  if (responseCode === undefined) return new MailRefused(code ?? 'no answer', false)
  // Wrong credentials are an error of the settings, not of the mail.
  const isFinal = responseCode >= 500 && code !== 'EAUTH'
  return new MailRefused(`${responseCode}`, isFinal)
}
