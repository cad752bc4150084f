import { type Html, htmlText } from './html.ts'
import type { Rendered } from './letter.ts'
import type { MailTemplate, Sender } from './templates.ts'

/**
 * The data of every mail. `name` is the name of the recipient; the other members describe the sender. The name is user input, so only its
 * safe part is passed to the template. If the user's name contains anything like a link, an address or a phone number, `name` is empty. It
 * is also empty in mails to an unverified address.
 */
type Everywhere = { name: string } & Sender
/**
 * The time and the device of the request. A device is described like "Firefox on Windows". Both members are missing in mails that an
 * earlier version has queued.
 */
type Asked = { at?: number; device?: string }
/** The link. Its fragment contains a secret. Do not change the link, and show it only to the recipient. */
type Linked = { link: string }
/** A link that works only once, and the number of minutes for which it is valid. */
type OneTime = Linked & { validMinutes: number }

/** The data of each mail. Times are milliseconds since 1970, UTC. */
export type MailData = {
  /** Contains the link that verifies an address, at sign-up or later. */
  verifyAddress: Everywhere & Asked & OneTime
  /** Contains the link to create an account with a passkey. */
  passkeySignUp: Everywhere & Asked & OneTime
  /** Somebody has signed up with an address that already has an account. */
  addressTaken: Everywhere & Asked & Linked
  /** Contains the link to set a new password. */
  resetPassword: Everywhere & Asked & OneTime
  /** The password was changed. */
  passwordChanged: Everywhere & { at: number; device: string }
  /** Sent to the new address. Contains the link that confirms the change of address. */
  confirmNewAddress: Everywhere & Asked & OneTime
  /** Sent to the old address: a change of address was requested. */
  addressChangeAsked: Everywhere & { newEmail: string; at: number; device: string }
  /** Sent to the old address: the address was changed. */
  addressChanged: Everywhere & { newEmail: string; at: number }
  /** Somebody has signed in with a browser that has not been used with the account before. */
  newDevice: Everywhere & { at: number; device: string; address: string | null }
  /** A refresh token was reused, so the session was ended. */
  sessionsEnded: Everywhere & Linked & { at: number }
  /** The account will be deleted at the time `deleteAt`. */
  accountDeletion: Everywhere & Asked & Linked & { deleteAt: number }
  /** An authenticator app was added. */
  secondFactorAdded: Everywhere & { at: number; device: string }
  /** An authenticator app was removed; `device` is null if an operator did it. `left` is the number of remaining second factors. */
  secondFactorRemoved: Everywhere & { at: number; device: string | null; left: number }
  /** An operator will remove an authenticator app, or all, at the time `removeAt`. */
  secondFactorRemovalAsked: Everywhere & Linked & { at: number; removeAt: number }
  /** New recovery codes have replaced the earlier ones. */
  recoveryCodesMade: Everywhere & { at: number; device: string }
  /** A recovery code was used. `left` is the number of remaining codes. */
  recoveryCodeUsed: Everywhere & { at: number; device: string; left: number }
  /** An account at an outside provider can now sign in. */
  identityLinked: Everywhere & { provider: string; at: number; device: string }
  /** An account at an outside provider can no longer sign in. */
  identityUnlinked: Everywhere & { provider: string; at: number; device: string }
  /** A passkey was added. */
  passkeyAdded: Everywhere & { at: number; device: string }
  /** A passkey was removed. */
  passkeyRemoved: Everywhere & { at: number; device: string }
  /** A passkey was refused because its counter was too low. It may have been copied. */
  passkeyCopied: Everywhere & { at: number; device: string }
  /** Contains the code and the link to sign in. Show the code only to the recipient. */
  signIn: Everywhere & Asked & OneTime & { code: string }
  /**
   * The first sign-in by mail has removed the password, linked accounts, passkeys and second factors, because the address was not verified when
   * they were added.
   */
  passwordRemoved: Everywhere & Linked & { at: number; device: string }
  /** Contains the link to an invitation to an organization. `inviter` is the name of the person who invites. Both names may be empty. */
  invitation: Everywhere & OneTime & { inviter: string; organization: string }
}
/** The name of a mail. */
export type MailKind = keyof MailData

/** A mail of the app. If a part is missing, that part of Sallyport's mail is used. */
export type OwnMail = {
  /** The subject: one line, at most 200 characters. */
  subject?: string
  /** The mail as plain text. */
  text?: string
  /** The mail as HTML. Make it with `html`, which escapes values, or with `trustedHtml`. */
  html?: Html
}

/**
 * The app's own templates, by kind of mail. A template runs when the mail is sent. If it throws, Sallyport's mail is sent and the error is
 * logged.
 */
export type OwnTemplates = {
  [Kind in MailKind]?: (
    data: MailData[Kind],
  ) => OwnMail | null | undefined | Promise<OwnMail | null | undefined>
}

const templateOf = {
  verifyAddress: 'verify_address',
  passkeySignUp: 'passkey_sign_up',
  addressTaken: 'address_taken',
  resetPassword: 'reset_password',
  passwordChanged: 'password_changed',
  confirmNewAddress: 'confirm_new_address',
  addressChangeAsked: 'address_change_asked',
  addressChanged: 'address_changed',
  newDevice: 'new_device',
  sessionsEnded: 'sessions_ended',
  accountDeletion: 'account_deletion',
  secondFactorAdded: 'second_factor_added',
  secondFactorRemoved: 'second_factor_removed',
  secondFactorRemovalAsked: 'second_factor_removal_asked',
  recoveryCodesMade: 'recovery_codes_made',
  recoveryCodeUsed: 'recovery_code_used',
  identityLinked: 'identity_linked',
  identityUnlinked: 'identity_unlinked',
  passkeyAdded: 'passkey_added',
  passkeyRemoved: 'passkey_removed',
  passkeyCopied: 'passkey_copied',
  signIn: 'sign_in',
  passwordRemoved: 'password_removed',
  invitation: 'invitation',
} as const satisfies Record<MailKind, MailTemplate>
const nameOf = Object.fromEntries(
  Object.entries(templateOf).map(([name, template]) => [template, name]),
) as Record<(typeof templateOf)[MailKind], MailKind>

/**
 * Checks the names of the templates, because a template with a misspelt name would never be used.
 *
 * @throws TypeError when there is no mail with such a name. The message contains the name.
 */
export function requireTemplates(templates: OwnTemplates): void {
  for (const [kind, make] of Object.entries(templates)) {
    if (!Object.hasOwn(templateOf, kind))
      throw new TypeError(`There is no mail ${kind}. There are: ${Object.keys(templateOf).join(', ')}.`)
    if (make !== undefined && typeof make !== 'function')
      throw new TypeError(`The template of the mail ${kind} must be a function.`)
  }
}

/**
 * Returns a function that calls the app's template for a mail. Returns null if there is no such template. The template gets the secret only
 * in the fragment of `link`, because servers and mail scanners do not receive the fragment.
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
 * @throws TypeError when the result is not a mail. The message does not contain the mail.
 */
export function judgeMail(mail: unknown): Partial<Rendered> {
  if (mail === undefined || mail === null) return {}
  if (typeof mail !== 'object' || mail instanceof Promise)
    throw new TypeError('The template must return { subject, text, html }.')
  const { subject, text, html } = mail as Record<string, unknown>
  const judged: Partial<Rendered> = {}
  if (subject !== undefined) {
    // With a line break, a subject could add headers to the mail.
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
