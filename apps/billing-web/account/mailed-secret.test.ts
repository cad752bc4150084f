import { expect, it } from 'vitest'
import { secretIn, takeSecretScript } from './mailed-secret.ts'

const secret = `${'a1_-B'.repeat(8)}xyz`

it.each([
  `https://app.example.com/verify#token=${secret}`,
  `  http://localhost:3000/reset#token=${secret}\n`,
  `#token=${secret}`,
  `token=${secret}`,
  secret,
])('finds the secret in %j', (pasted) => expect(secretIn(pasted)).toBe(secret))

it.each([
  '',
  ' ',
  'https://app.example.com/verify',
  'https://app.example.com/verify#token=',
  'Confirm address',
  'short-code',
  `${secret}<script>`,
  'a'.repeat(129),
])('finds no secret in %j', (pasted) => expect(secretIn(pasted)).toBe(''))

/** The page as the script sees it. */
function run(hash: string, { hasField = true } = {}) {
  const block = { dataset: { link: '' } }
  const field = { value: '', closest: () => block }
  const shown: string[] = []
  const heard: ((event: { newURL: string }) => void)[] = []
  const history = { state: null, replaceState: (_: unknown, __: string, url: string) => shown.push(url) }
  const url = 'https://app.example.com/verify?returnTo=%2F'
  const location = { href: url + hash, pathname: '/verify', search: '?returnTo=%2F' }
  const document = {
    querySelector: (selector: string) => (hasField && selector === 'input[name="token"]' ? field : null),
  }
  const listen = (event: string, heed: (event: { newURL: string }) => void) => {
    if (event === 'hashchange') heard.push(heed)
  }
  new Function('location', 'history', 'document', 'addEventListener', takeSecretScript)(
    location,
    history,
    document,
    listen,
  )
  return {
    seen: () => ({ value: field.value, link: block.dataset.link, shown }),
    change(next: string) {
      // Next may have restored the URL before the event, so `location` has no fragment here.
      for (const heed of heard) heed({ newURL: url + next })
    },
  }
}

const taken = { value: secret, link: 'read', shown: ['/verify?returnTo=%2F'] }
const nothing = { value: '', link: '', shown: [] }

it('moves the secret from the URL into the form [P03]', () => {
  expect(run(`#token=${secret}`).seen()).toEqual(taken)
})

it('reads a second link in the same tab, which does not reload the page [P03]', () => {
  const page = run('')
  page.change(`#token=${secret}`)
  expect(page.seen()).toEqual(taken)
})

it('changes no URL after the form was removed', () => {
  expect(run(`#token=${secret}`, { hasField: false }).seen()).toEqual(nothing)
})

it.each(['', '#content', '#token=', '#token=<b>', `#other=${secret}`])('does nothing with %j', (hash) => {
  expect(run(hash).seen()).toEqual(nothing)
})
