import { compose } from '../mail/compose.ts'
import { type Rendered, render } from '../mail/letter.ts'
import { judgeMail, type OwnTemplates, ownTemplateOf } from '../mail/own-templates.ts'
import { MailRefused, type MailTransport } from '../mail/smtp.ts'
import type { MailDetails, MailTemplate, Sender } from '../mail/templates.ts'
import type { Database } from '../store/database.ts'
import { addMail, finishMail, listMail, postponeMail, takeMail } from '../store/mail.ts'
import type { MailRow } from '../store/row-types.ts'
import type { Keyring } from '../tokens/keyring.ts'
import { heldSeconds, staleHours, waitMinutes } from './mail-policy.ts'
import { withinTime } from './within-time.ts'

export type Mailer = ReturnType<typeof createMailer>

/** A mail as the development inbox shows it. */
export type InboxMail = Rendered & { id: string; to: string; at: number }

/**
 * Creates the mailer, which is a transactional outbox. A mail is queued in the transaction of the action that causes it. Afterwards a
 * worker sends it. Each process has one worker, and only one worker at a time sends a given mail. A mail is sent twice only if the response
 * of the mail server was lost, or if the process ended before it recorded this response.
 */
export function createMailer(options: {
  database: Database
  keyring: Keyring
  sender: Sender
  /** The app's own templates. */
  own: { templates: OwnTemplates; timeoutMs: number; onFault: (template: string, error: unknown) => void }
  transport: MailTransport | null
  clock: () => number
  newId: () => string
  onWake: () => void
  onSent: () => void
  onRefusal: (event: {
    mailId: string
    template: string
    attempts: number
    reason: string
    state: 'dead' | 'postponed'
  }) => void
}) {
  const { database, keyring, sender, own, transport, clock, newId, onWake, onSent, onRefusal } = options
  let working: Promise<void> | null = null
  let isClosed = false

  /**
   * Renders a mail with the app's template. If the app has no template for this mail, or if the template fails, renders Sallyport's mail,
   * so that no mail is lost.
   */
  async function rendered({
    template,
    details,
    id,
  }: Pick<MailRow, 'template' | 'details' | 'id'>): Promise<Rendered> {
    const name = template as MailTemplate
    const opened = keyring.open('mail', details, id)
    // This error is not final, because another process that has the secret may send the mail later.
    if (opened === null) throw new MailRefused('sealed under another SALLYPORT_SECRET', false)
    const filled = JSON.parse(opened) as Record<string, unknown>
    const { letter, details: safe } = compose(name, filled, sender)
    const ours = render(letter, sender.productName)
    const make = ownTemplateOf(own.templates, name, safe, { sender, link: letter.action?.url })
    if (make === null) return ours
    try {
      return { ...ours, ...judgeMail(await withinTime(own.timeoutMs, make)) }
    } catch (error) {
      own.onFault(template, error)
      return ours
    }
  }

  /** Sends the mails that are due, one after the other. */
  async function work(): Promise<void> {
    if (transport === null) return
    while (!isClosed) {
      const now = clock()
      const mail = await takeMail(database, { now, heldUntil: now + heldSeconds * 1000 })
      if (mail === null) return
      try {
        const isStale = now - mail.createdAt > staleHours * 3_600_000
        if (isStale) throw new MailRefused('waited too long', true)
        await transport.send({ ...(await rendered(mail)), id: mail.id, to: mail.recipient })
        await finishMail(database, mail, { state: 'sent', finishedAt: clock(), lastError: null })
        onSent()
      } catch (error) {
        if (!(error instanceof MailRefused)) throw error
        const wait = waitMinutes[mail.attempts - 1]
        const isDead = error.isFinal || wait === undefined
        const lastError = error.message
        if (isDead) await finishMail(database, mail, { state: 'dead', finishedAt: clock(), lastError })
        else await postponeMail(database, mail, { dueAt: clock() + wait * 60_000, lastError })
        onRefusal({
          mailId: mail.id,
          template: mail.template,
          attempts: mail.attempts,
          reason: lastError,
          state: isDead ? 'dead' : 'postponed',
        })
      }
    }
  }

  return {
    /** Queues a mail in the transaction of the action that causes it. */
    async queue<Name extends MailTemplate>(
      transaction: Database,
      recipient: string,
      template: Name,
      details: MailDetails[Name],
    ): Promise<void> {
      const id = newId()
      const sealed = keyring.seal('mail', JSON.stringify(details), id)
      await addMail(transaction, { id, recipient, template, details: sealed, createdAt: clock() })
    },
    /** Does the same work as `queue`, but no mail is sent. So the response time does not show whether a mail was queued. */
    async queueDecoy(transaction: Database): Promise<void> {
      const id = newId()
      const details = keyring.seal('mail', JSON.stringify({ name: 'nobody', token: 'x'.repeat(43) }), id)
      const now = clock()
      await addMail(transaction, { id, recipient: '', template: 'decoy', details, createdAt: now }, now)
    },
    /** Starts the worker if it is not running, because there may be mails to send. */
    wake: () => onWake(),
    /** Sends the mails that are due. If a run is in progress already, waits for that run. Never rejects. */
    run(onFault: (error: unknown) => void): Promise<void> {
      working ??= work()
        .catch(onFault)
        .finally(() => {
          working = null
        })
      return working
    },
    /** Returns the queued mails, newest first. This is for development without a mail server. */
    async inbox(): Promise<InboxMail[]> {
      const mails = (await listMail(database, 50)).filter(({ state }) => state === 'due')
      return Promise.all(
        mails.map(async (mail) => ({
          ...(await rendered(mail)),
          id: mail.id,
          to: mail.recipient,
          at: mail.createdAt,
        })),
      )
    },
    async close(): Promise<void> {
      isClosed = true
      await working
      transport?.close()
    },
  }
}
