import type { Letter } from './letter.ts'
import { safeName } from './safe-name.ts'
import { type MailTemplate, type Sender, templates } from './templates.ts'

/**
 * The templates of mails to an address that is not verified. The owner of the address may not have requested such a mail, so it has no name of
 * the reader.
 */
const toUnverifiedAddress: ReadonlySet<MailTemplate> = new Set([
  'verify_address',
  'passkey_sign_up',
  'confirm_new_address',
  'invitation',
])

/**
 * Composes a mail. Returns Sallyport's letter, and the details for the app's own template. The name in both is the result of {@link
 * safeName}.
 */
export function compose(
  template: MailTemplate,
  details: Record<string, unknown>,
  sender: Sender,
): { letter: Letter; details: Record<string, unknown> } {
  const name = toUnverifiedAddress.has(template) ? '' : safeName(details.name)
  const safe = { ...details, name }
  // An invitation says who invites to what. It has only the safe parts of these names.
  for (const other of ['inviter', 'organization'] as const)
    if (other in details) Object.assign(safe, { [other]: safeName(details[other]) })
  const make = templates[template] as (details: unknown, sender: Sender) => Letter
  return { letter: make(safe, sender), details: safe }
}
