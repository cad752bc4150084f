import { type Html, htmlText } from './html.ts'
import type { Rendered } from './letter.ts'
import type { MailTemplate, Sender } from './templates.ts'

/**
 * The data of every mail: recipient and sender. `name` is user input, cut to a safe name without links, addresses and numbers. It is empty if
 * nothing of it is left, and in mails to an unverified address.
 */
type Everywhere = { name: string } & Sender
/** The time and device of the request, such as "Firefox on Windows". Missing in mails queued by an earlier version. */
type Asked = { at?: number; device?: string }
/** The link, with its secret in the fragment. Do not change it, and show it only to the recipient. */
type Linked = { link: string }
/** A link that works once, and for how many minutes it is valid. */
type OneTime = Linked & { validMinutes: number }

/** The data of each mail. Times are milliseconds since 1970, UTC. */
export type MailData = {
  /** The link that verifies an address, at sign-up or later. */
  verifyAddress: Everywhere & Asked & OneTime
  /** Somebody has signed up with an address that has an account. */
  addressTaken: Everywhere & Asked & Linked
  /** The link to set a new password. */
  resetPassword: Everywhere & Asked & OneTime
  /** The password was changed. */
  passwordChanged: Everywhere & { at: number; device: string }
  /** To the new address: the link that confirms the change. */
  confirmNewAddress: Everywhere & Asked & OneTime
  /** To the old address: a change of address was requested. */
  addressChangeAsked: Everywhere & { newEmail: string; at: number; device: string }
  /** To the old address: the address was changed. */
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

/** A mail of the product. Omitted parts are taken from Sallyport's mail. */
export type OwnMail = {
  /** The subject: one line, at most 200 characters. */
  subject?: string
  /** The mail as plain text. */
  text?: string
  /** The mail as HTML, made with `html`, which escapes values, or with `trustedHtml`. */
  html?: Html
}

/** The product's own templates, by kind of mail. Each runs when the mail is sent. If it throws, Sallyport's mail is sent, and the error is logged. */
export type OwnTemplates = {
  [Kind in MailKind]?: (
    data: MailData[Kind],
  ) => OwnMail | null | undefined | Promise<OwnMail | null | undefined>
}

const templateOf = {
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
} as const satisfies Record<MailKind, MailTemplate>
const nameOf = Object.fromEntries(
  Object.entries(templateOf).map(([name, template]) => [template, name]),
) as Record<(typeof templateOf)[MailKind], MailKind>

/** @throws TypeError that names an unknown mail, which would never be sent. */
export function requireTemplates(templates: OwnTemplates): void {
  for (const [kind, make] of Object.entries(templates)) {
    if (!Object.hasOwn(templateOf, kind))
      throw new TypeError(`There is no mail ${kind}. There are: ${Object.keys(templateOf).join(', ')}.`)
    if (make !== undefined && typeof make !== 'function')
      throw new TypeError(`The mail ${kind} is not a function.`)
  }
}

/**
 * Returns a function that calls the product's template for a mail; null if there is none. The secret is only in the fragment of `link`, which
 * servers and mail scanners do not receive.
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

/**
 * Checks the result of a template.
 *
 * @throws TypeError when it is not a mail. The message does not hold its content.
 */
export function judgeMail(mail: unknown): Partial<Rendered> {
  if (mail === undefined || mail === null) return {}
  if (typeof mail !== 'object' || mail instanceof Promise)
    throw new TypeError('It must return { subject, text, html }.')
  const { subject, text, html } = mail as Record<string, unknown>
  const judged: Partial<Rendered> = {}
  if (subject !== undefined) {
    // A line break would allow to inject headers.
    if (typeof subject !== 'string' || !/^[^\p{Cc}\p{Zl}\p{Zp}]{1,200}$/u.test(subject))
      throw new TypeError('subject must be one line of at most 200 characters.')
    judged.subject = subject
  }
  if (text !== undefined) {
    if (typeof text !== 'string' || text === '')
      throw new TypeError('text must be a string that is not empty.')
    judged.text = text
  }
  if (html !== undefined) {
    const made = htmlText(html)
    if (made === null) throw new TypeError('html must be made with html`…` or trustedHtml(…).')
    judged.html = made
  }
  return judged
}
