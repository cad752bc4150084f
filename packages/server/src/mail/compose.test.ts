import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compose } from './compose.ts'
import { render } from './letter.ts'
import { type MailTemplate, templates } from './templates.ts'

const sender = { productName: 'Ledgerline', appUrl: 'https://app.ledgerline.test' }
/** The details for all mails, except the name. */
const details = {
  at: Date.UTC(2026, 10, 29, 8, 15),
  device: 'Firefox on Windows',
  address: '192.0.2.7',
  newEmail: 'ada@new.test',
  token: 'x'.repeat(43),
  validMinutes: 60,
  deleteAt: Date.UTC(2026, 11, 13),
  left: 3,
  removeAt: Date.UTC(2026, 11, 1),
  provider: 'Google',
}
const all = Object.keys(templates) as MailTemplate[]

function mailFor(template: MailTemplate, name: unknown) {
  const composed = compose(template, { ...details, name, inviter: name, organization: name }, sender)
  return { ...render(composed.letter, sender.productName), name: String(composed.details.name) }
}

/** Text that mail programs turn into links: web and mail addresses, and phone numbers. */
const linkable =
  /(?:https?|ftp|javascript|data|mailto|tel):|www\.|[\p{L}\p{N}-]+(?:[.。．｡][\p{L}\p{N}-]{2,})+|\S+@\S+|\+?\d[\d\s().-]{4,}\d/giu

describe('names in mails', () => {
  const evil = [
    'Hello your invoice is overdue, pay at https://evil.example/pay',
    'call +1 555 0100 now',
    '0 1 5 5 5 0 1 0 0',
    'evil.example',
    'xn--80ak6aa92e.example',
    'www evil',
    'cfo@evil.example',
    'evil。example',
    'evil．example',
    'evil[.]example',
    'evil\u00ad.ex\u200bample',
    'evil \u202e elpmaxe.live',
    'Ada\r\nBcc: everybody@example.com',
    '<a href="//evil.example">pay</a>',
    '"><img src=//evil.example>',
    '\u2066\u2067',
    'A\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307da',
    'javascript:alert(1)',
    'Pay now! Your account is locked. Write to support at evil dot example today',
  ]
  const pieces = fc.oneof(
    fc.constantFrom(...evil, 'Ada', ' ', '.', '@', '/', '\u202e', '\n', '1', 'com', 'שלום', '李'),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.webUrl(),
    fc.emailAddress(),
  )
  const names = fc.oneof(
    fc.constantFrom(...evil),
    fc.string({ unit: 'binary', maxLength: 100 }),
    fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join('')),
  )

  test('no name changes the links, lines or length of a mail', () => {
    const bare = Object.fromEntries(all.map((template) => [template, mailFor(template, '')]))
    fc.assert(
      fc.property(names, fc.constantFrom(...all), (typed, template) => {
        const mail = mailFor(template, typed)
        const plain = bare[template]
        if (plain === undefined) throw new Error('an unknown template')
        expect(mail.subject).toBe(plain.subject)
        expect(mail.text.match(linkable)).toEqual(plain.text.match(linkable))
        expect(mail.html.match(/<[a-z][^>]*>/g)).toEqual(plain.html.match(/<[a-z][^>]*>/g))
        expect(mail.text.split('\n').length).toBe(plain.text.split('\n').length)
        expect([...mail.text].length - [...plain.text].length).toBeLessThanOrEqual(40 + 'Hello , '.length + 2)
        // No invisible characters, except the pair that isolates a right-to-left name.
        expect(mail.text.replace(/\u2068[^\u2068\u2069]*\u2069|\n/gu, '')).not.toMatch(/\p{C}|\p{Zl}|\p{Zp}/u)
      }),
      { numRuns: 2_000 },
    )
  })

  test.each(evil)('%j is cut from the greeting', (name) => {
    const { text } = mailFor('reset_password', name)
    expect(text).not.toMatch(/evil\.|https:\/\/evil|555|overdue|Bcc|javascript|Write to/i)
  })

  test.each([
    ['Ada Lovelace', 'Ada Lovelace'],
    ['J. R. R. Tolkien', 'J. R. R. Tolkien'],
    ['J.R.R. Tolkien', 'J.R.R. Tolkien'],
    ['Dr. Nguyễn Thị Minh Khai', 'Dr. Nguyễn Thị Minh Khai'],
    ['Sammy Davis, Jr.', 'Sammy Davis'],
    ['Jean-Luc O’Neil', 'Jean-Luc O’Neil'],
    ["D'Arcy", "D'Arcy"],
    ['Владимир', 'Владимир'],
    ['李小龍', '李小龍'],
    ['ジョン・スミス', 'ジョン・スミス'],
    ['שלום כהן', 'שלום כהן'],
    ['Ada 2', 'Ada'],
    ['Wolfeschlegelsteinhausen Bergerdorff Senior', 'Wolfeschlegelsteinhausen Bergerdorff'],
    [undefined, ''],
  ])('the name %j is written %j', (name, written) => {
    expect(mailFor('reset_password', name).name).toBe(written)
  })

  test('a right-to-left name does not reorder the text around it', () => {
    expect(mailFor('password_changed', 'שלום').text).toContain('Hello \u2068שלום\u2069, somebody')
    expect(mailFor('password_changed', 'Ada').text).toContain('Hello Ada, somebody')
  })

  test.each(['verify_address', 'passkey_sign_up', 'confirm_new_address'] as const)(
    '%s, which goes to an unverified address, has no name, also in the product’s own template',
    (template) => {
      const mail = mailFor(template, 'Ada')
      expect([mail.name, mail.text.includes('Ada'), mail.html.includes('Ada')]).toEqual(['', false, false])
    },
  )
})

test('only the links of the mails whose pages require a click or more hold a secret', () => {
  const withSecret = all.filter((template) => mailFor(template, 'Ada').text.includes(details.token))
  expect(withSecret.sort()).toEqual([
    'confirm_new_address',
    'invitation',
    'passkey_sign_up',
    'reset_password',
    'sign_in',
    'verify_address',
  ])
})

describe.each(all)('%s', (template) => {
  test('says in its first line who requested what, and what a click does', () => {
    for (const name of ['', 'Ada']) {
      const { text, html } = mailFor(template, name)
      const [first = ''] = text.split('\n')
      expect(first).toMatch(/^(?:Hello Ada, s|S)omebody\b/)
      expect(first).toContain('Ledgerline')
      const hasLink = /https:/.test(text)
      expect(first).toContain(hasLink ? 'The link opens' : 'This mail has no link.')
      expect(html.split('</h1>')[1]?.trim()).toMatch(/^<p [^>]*>(?:Hello Ada, s|S)omebody\b/)
    }
  })

  test('is complete without time and device, as queued by an earlier version', () => {
    const { at, device, ...rest } = details
    const needsThem = [
      'password_changed',
      'address_change_asked',
      'address_changed',
      'new_device',
      'sessions_ended',
      'second_factor_added',
      'second_factor_removed',
      'second_factor_removal_asked',
      'recovery_codes_made',
      'recovery_code_used',
      'identity_linked',
      'identity_unlinked',
      'passkey_added',
      'passkey_removed',
      'passkey_copied',
      'password_removed',
    ]
    const filled = needsThem.includes(template) ? details : rest
    const { letter } = compose(
      template,
      { ...filled, name: 'Ada', inviter: 'Ada', organization: 'Acme' },
      sender,
    )
    expect(render(letter, sender.productName).text).not.toMatch(/undefined|NaN|Invalid/)
  })
})

test('every link of every mail is below the basePath of the pages', () => {
  const below = { ...sender, appUrl: 'https://ledgerline.test/app' }
  const links = all.flatMap((template) => {
    const { letter } = compose(
      template,
      { ...details, name: 'Ada', inviter: 'Ada', organization: 'Acme' },
      below,
    )
    return letter.action === undefined ? [] : [letter.action.url]
  })
  expect(links.length).toBeGreaterThan(4)
  for (const url of links) expect(url).toMatch(/^https:\/\/ledgerline\.test\/app\/[a-z/-]+(?:#token=x{43})?$/)
})
