import { compose } from '../../packages/server/src/mail/compose.ts'
import { type Rendered, render } from '../../packages/server/src/mail/letter.ts'
import { type MailDetails, type MailTemplate, templates } from '../../packages/server/src/mail/templates.ts'

const sender = { productName: 'Ledgerline', appUrl: 'https://app.ledgerline.example' }
const name = 'Ada Lovelace'
const at = Date.UTC(2026, 10, 23, 8, 15)
const device = 'Firefox on Windows'
const token = 'Zm9yLXByZXZpZXdzLW9ubHktdGhpcy1vcGVucy1ub3RoaW5n'

/** The values with which each mail is shown. If a template has no entry, this file does not compile. */
const details: { [Name in MailTemplate]: MailDetails[Name] } = {
  passkey_sign_up: { at, device, token, validMinutes: 24 * 60 },
  verify_address: { at, device, token, validMinutes: 24 * 60 },
  address_taken: { name, at, device },
  reset_password: { name, at, device, token, validMinutes: 60 },
  password_changed: { name, at, device },
  confirm_new_address: { at, device, token, validMinutes: 60 },
  address_change_asked: { name, newEmail: 'ada@new.example', at, device },
  address_changed: { name, newEmail: 'ada@new.example', at },
  new_device: { name, at, device, address: '192.0.2.7' },
  sessions_ended: { name, at },
  account_deletion: { name, at, device, deleteAt: at + 14 * 86_400_000 },
  second_factor_added: { name, at, device },
  second_factor_removed: { name, at, device, left: 0 },
  second_factor_removal_asked: { name, at, removeAt: at + 86_400_000 },
  recovery_codes_made: { name, at, device },
  recovery_code_used: { name, at, device, left: 3 },
  identity_linked: { name, provider: 'Google', at, device },
  identity_unlinked: { name, provider: 'Google', at, device },
  passkey_added: { name, at, device },
  passkey_removed: { name, at, device },
  passkey_copied: { name, at, device },
  sign_in: { name, at, device, code: '246810', token, validMinutes: 10 },
  password_removed: { at, device },
  invitation: { inviter: name, organization: 'Acme', token, validMinutes: 7 * 24 * 60 },
}

/** Returns all mails in the form in which they would be sent. */
export function previews(): (Rendered & { name: string })[] {
  return Object.keys(templates).map((name) => {
    const template = name as MailTemplate
    const { letter } = compose(template, details[template], sender)
    return { name, ...render(letter, sender.productName) }
  })
}
