import type { Letter } from './letter.ts'
import { safeName } from './safe-name.ts'
import { type MailTemplate, type Sender, templates } from './templates.ts'

/** Mails to an unverified address, whose owner may not have asked for anything. They contain no user input. */
const toUnverifiedAddress: ReadonlySet<MailTemplate> = new Set(['verify_address', 'confirm_new_address'])

/** Composes a mail: the letter of Sallyport, and the details for a product's own template, both with a safe name. */
export function compose(
  template: MailTemplate,
  details: Record<string, unknown>,
  sender: Sender,
): { letter: Letter; details: Record<string, unknown> } {
  const name = toUnverifiedAddress.has(template) ? '' : safeName(details.name)
  const safe = { ...details, name }
  const make = templates[template] as (details: unknown, sender: Sender) => Letter
  return { letter: make(safe, sender), details: safe }
}
