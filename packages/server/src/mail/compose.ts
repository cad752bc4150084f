import type { Letter } from './letter.ts'
import { safeName } from './safe-name.ts'
import { type MailTemplate, type Sender, templates } from './templates.ts'

/** Mails to an address that nobody has proven: its owner may never have heard of us, so nothing that somebody typed stands in them. */
const toUnverifiedAddress: ReadonlySet<MailTemplate> = new Set(['verify_address', 'confirm_new_address'])

/** A mail made of its details: our letter, and the details as a product's own template may see them, with a name that is safe. */
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
