import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { type Customizations, html, trustedHtml } from '../index.ts'
import { bearer, frozenClock, password, startSallyport } from '../testing/sallyport.ts'
import { htmlText } from './html.ts'

async function mailedWith(mails: Customizations['mails'], name = 'Ada', options = {}) {
  const settings = {
    developmentInbox: true,
    emailVerification: 'sign-in',
    productName: 'Ledgerline',
    ...options,
  }
  const server = await startSallyport(settings as object, frozenClock(), mails ? { mails } : {})
  const signUp = { email: 'ada@example.com', password, name }
  await server.browser().post(paths.signUp, signUp)
  const answer = await server.get(paths.inbox)
  const { mails: sent } = (await answer.json()) as {
    mails: { subject: string; html: string; text: string }[]
  }
  return { mail: sent[0] ?? { subject: '', html: '', text: '' }, log: server.logLines.join('') }
}

describe('a product’s own template', () => {
  test('gets the data of the mail, and parts that it omits are taken from Sallyport’s mail', async () => {
    let data: unknown
    const { mail } = await mailedWith({
      verifyAddress(given) {
        data = given
        return { subject: `Welcome to ${given.productName}`, text: `Open ${given.link}` }
      },
    })
    const link = /http:\/\/localhost:3000\/verify#token=[\w-]{43}/.exec(mail.html)?.[0]
    expect(data).toEqual({
      // The address is not verified yet, so the name may be from somebody else.
      name: '',
      at: Date.UTC(2026, 0, 1),
      device: 'an unknown device',
      productName: 'Ledgerline',
      appUrl: 'http://localhost:3000',
      link,
      validMinutes: 24 * 60,
    })
    expect(mail).toMatchObject({ subject: 'Welcome to Ledgerline', text: `Open ${link}` })
    expect(mail.html).toContain('Confirm address')
  })

  test('gets a safe name if the address is verified', async () => {
    const seen: string[] = []
    const passwordChanged = ({ name }: { name: string }) => {
      seen.push(name)
      return { html: html`<p title="${name}">${name}</p>` }
    }
    const names = ['Ada Lovelace', '"><img src=x onerror=alert(1)>', 'Pay at https://evil.example', 'O’Neil']
    for (const name of names) {
      const server = await startSallyport({ developmentInbox: true }, frozenClock(), {
        mails: { passwordChanged },
      })
      await server.sallyport.operator.users.create({ email: 'ada@example.com', password, name })
      const { accessToken } = await server.signIn()
      const change = { currentPassword: password, newPassword: 'a better one than before' }
      await server.post(paths.changePassword, change, bearer(accessToken))
      await server.get(paths.inbox)
    }
    expect(seen).toEqual(['Ada Lovelace', '', '', 'O’Neil'])
  })

  test.each([
    [
      'throws an error that contains the link',
      ({ link }: { link: string }): never => {
        throw new Error(`cannot render ${link}`)
      },
    ],
    ['hangs', () => new Promise<never>(() => {})],
    ['makes a header in the subject', () => ({ subject: 'Hello\r\nBcc: everybody@example.com' })],
    ['returns HTML that was not escaped', () => ({ html: '<p>Hello</p>' as never })],
    ['does not return a mail', () => 'Hello' as never],
  ])('that %s is replaced by Sallyport’s mail, and logged without the link', async (_, verifyAddress) => {
    const { mail, log } = await mailedWith({ verifyAddress }, 'Ada', { hookTimeoutMs: 30 })
    const { mail: ours } = await mailedWith(undefined)
    expect(mail.subject).toBe(ours.subject)
    expect(mail.html).toContain('Confirm address')
    expect(log).toContain('"route":"mail verify_address"')
    expect(log).not.toMatch(/token=|cannot render/)
  })

  test('with a misspelt name is refused at the start', async () => {
    await expect(mailedWith({ verifyAdress: () => ({}) } as Customizations['mails'])).rejects.toThrow(
      'There is no mail verifyAdress.',
    )
  })
})

test('html escapes values, but not nested html', () => {
  const item = (text: string) => html`<li>${text}</li>`
  const list = html`<ul>${['<b>', 'a & b'].map(item)}</ul>${3}${trustedHtml('<hr>')}`
  expect(htmlText(list)).toBe('<ul><li>&#60;b&#62;</li><li>a &#38; b</li></ul>3<hr>')
  expect(htmlText({ html: '<p>' })).toBe(null)
})
