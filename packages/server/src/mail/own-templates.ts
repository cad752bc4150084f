import { type Html, htmlText } from './html.ts'
import type { Rendered } from './letter.ts'
import type { MailTemplate, Sender } from './templates.ts'

/**
 * What stands in every mail: whose it is, and whom it is from. `name` was typed by somebody, and is cut to what can be a name: no link, no
 * address, no number. Empty where nothing of it is left, and in mails to an address that is not proven.
 */
type Everywhere = { name: string } & Sender
/** When somebody asked, and with which device, such as "Firefox on Windows". Missing in mails that an earlier version has queued. */
type Asked = { at?: number; device?: string }
/** What is to be opened, with its secret in the fragment: leave it as it is, and show it to nobody but the reader. */
type Linked = { link: string }
/** A link that works once, and for how long. */
type OneTime = Linked & { validMinutes: number }

/** What each mail is made of. Times are milliseconds since 1970, UTC. */
export type MailData = {
  /** The link that proves an address, at sign-up or later. */
  verifyAddress: Everywhere & Asked & OneTime
  /** Somebody has signed up with an address that has an account. */
  addressTaken: Everywhere & Asked & Linked
  /** The link to choose a new password. */
  resetPassword: Everywhere & Asked & OneTime
  /** The password was changed. */
  passwordChanged: Everywhere & { at: number; device: string }
  /** To the new address: the link that puts it in place. */
  confirmNewAddress: Everywhere & Asked & OneTime
  /** To the old address: somebody has asked for another one. */
  addressChangeAsked: Everywhere & { newEmail: string; at: number; device: string }
  /** To the old address: the new one is in place. */
  addressChanged: Everywhere & { newEmail: string; at: number }
  /** A sign-in with a browser that the account does not know. */
  newDevice: Everywhere & { at: number; device: string; address: string | null }
  /** A refresh token was used twice, and the session was ended. */
  sessionsEnded: Everywhere & Linked & { at: number }
  /** The account will be deleted at `deleteAt`. */
  accountDeletion: Everywhere & Asked & Linked & { deleteAt: number }
}
/** The name of a mail. */
export type MailKind = keyof MailData

/** A mail in a product's own words. What it leaves out is ours. */
export type OwnMail = {
  /** One line, at most 200 characters. */
  subject?: string
  /** The mail as plain text. */
  text?: string
  /** Made with `html`, which escapes, or with `trustedHtml`. */
  html?: Html
}

/** A product's own mails, by kind. Each runs while the mail is sent; one that throws is replaced by ours, and the log says so. */
export type OwnTemplates = {
  [Kind in MailKind]?: (
    data: MailData[Kind],
  ) => OwnMail | null | undefined | Promise<OwnMail | null | undefined>
}

const templateOf: Record<MailKind, MailTemplate> = {
  verifyAddress: 'verify_address',
  addressTaken: 'address_taken',
  resetPassword: 'reset_password',
  passwordChanged: 'password_changed',
  confirmNewAddress: 'confirm_new_address',
  addressChangeAsked: 'address_change_asked',
  addressChanged: 'address_changed',
  newDevice: 'new_device',
  sessionsEnded: 'sessions_ended',
  accountDeletion: 'account_deletion',
}
const nameOf = Object.fromEntries(
  Object.entries(templateOf).map(([name, template]) => [template, name]),
) as Record<MailTemplate, MailKind>

/** @throws TypeError that names a mail there is none of: it would never be sent. */
export function requireTemplates(templates: OwnTemplates): void {
  for (const [kind, make] of Object.entries(templates)) {
    if (!Object.hasOwn(templateOf, kind))
      throw new TypeError(`There is no mail ${kind}. There are: ${Object.keys(templateOf).join(', ')}.`)
    if (make !== undefined && typeof make !== 'function')
      throw new TypeError(`The mail ${kind} is no function.`)
  }
}

/**
 * A product's own function for a mail, ready to be called; null where there is none. The secret of a link is in `link` alone, whose
 * fragment no server and no mail scanner sees.
 */
export function ownTemplateOf(
  templates: OwnTemplates,
  template: MailTemplate,
  details: Record<string, unknown>,
  { sender, link }: { sender: Sender; link: string | undefined },
): (() => unknown) | null {
  const make = templates[nameOf[template]] as ((data: unknown) => unknown) | undefined
  if (make === undefined) return null
  const { token: _, ...rest } = details
  return () => make({ ...rest, ...sender, ...(link !== undefined && { link }) })
}

/** @throws TypeError when it is no mail; its message holds nothing of it. */
export function judgeMail(mail: unknown): Partial<Rendered> {
  if (mail === undefined || mail === null) return {}
  if (typeof mail !== 'object' || mail instanceof Promise)
    throw new TypeError('It returns no { subject, text, html }.')
  const { subject, text, html } = mail as Record<string, unknown>
  const judged: Partial<Rendered> = {}
  if (subject !== undefined) {
    // A line break in it would begin a header of somebody else's making.
    if (typeof subject !== 'string' || !/^[^\p{Cc}\p{Zl}\p{Zp}]{1,200}$/u.test(subject))
      throw new TypeError('subject is not one line of at most 200 characters.')
    judged.subject = subject
  }
  if (text !== undefined) {
    if (typeof text !== 'string' || text === '') throw new TypeError('text is no text.')
    judged.text = text
  }
  if (html !== undefined) {
    const made = htmlText(html)
    if (made === null) throw new TypeError('html was made neither with html`…` nor with trustedHtml(…).')
    judged.html = made
  }
  return judged
}
