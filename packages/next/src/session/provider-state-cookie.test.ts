import { expect, it } from 'vitest'
import { readConfig } from '../config/config.ts'
import { maxReturnToLength, providerStateCookieFor, readProviderState } from './provider-state-cookie.ts'
import { appendCookies } from './session-cookies.ts'

const config = readConfig(
  {
    server: 'https://api.example.com',
    audience: 'web',
    app: 'https://app.example.com',
    cookieDomain: 'example.com',
    verifierSecret: 'verifier-9XfTq2LmZr7VbNc4KwHs8PdY',
    frontendSecret: 'frontend-4GhJk8TnWdRyUiMp2ZlCsBgM',
  },
  {},
)
const state = { handle: 'x'.repeat(43), purpose: 'link', returnTo: '/profile' } as const

/** The `Set-Cookie` line for a state. */
function lineFor(given: Parameters<typeof providerStateCookieFor>[0]): string {
  const headers = new Headers()
  appendCookies(headers, [providerStateCookieFor(given, 600, config)], config)
  return headers.getSetCookie().join()
}

it('no other host of the domain can set the cookie, also if the other cookies have a domain [O09]', () => {
  const line = lineFor(state)
  expect(line).toMatch(/^__Host-providerState=[\w.-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/)
  const value = line.slice('__Host-providerState='.length).split(';')[0]
  expect(readProviderState(`__Host-providerState=${value}`, config)).toEqual(state)
  expect(readProviderState(`__Secure-providerState=${value}; providerState=${value}`, config)).toBeNull()
})

it.each(['sign_in', 'link', 'confirm'] as const)('keeps the purpose %s', (purpose) => {
  const value = /=([^;]+)/.exec(lineFor({ ...state, purpose, returnTo: null }))?.[1]
  const read = readProviderState(`__Host-providerState=${value}`, config)
  expect(read).toEqual({ ...state, purpose, returnTo: null })
})

it('the longest returnTo fits into the cookie', () => {
  const returnTo = `/${'a'.repeat(maxReturnToLength - 1)}`
  const value = /=([^;]+)/.exec(lineFor({ ...state, returnTo }))?.[1]
  expect(readProviderState(`__Host-providerState=${value}`, config)).toEqual({ ...state, returnTo })
})

it.each([
  '',
  'x',
  'x.s',
  `${'x'.repeat(43)}.z.`,
  `${'x'.repeat(129)}.s.`,
  `${'x'.repeat(43)}.s.${'a'.repeat(3001)}`,
])('reads no state from %j', (value) => {
  expect(readProviderState(`__Host-providerState=${value}`, config)).toBeNull()
})
