import { type ErrorCode, headers as headerNames, problemResponse } from '@sallyport/protocol'
import { expect, it } from 'vitest'
import { startAuthServer } from '../testing/auth-server.ts'
import { waysFor } from './ways-to-sign-in.ts'

const line = 'GET /api/auth/providers'
const providers = [
  { name: 'google', label: 'Google' },
  { name: 'acme', label: 'Acme' },
]
const nothing = { providers: [], passkeys: false, mailedSignIn: false }

/** Asks an auth server that gives this answer. */
async function ask(answer: () => Response, requestHeaders = new Headers()) {
  const { server, runtime } = startAuthServer()
  server.answers[line] = answer
  return { server, ways: await waysFor(runtime, requestHeaders) }
}

it('returns the providers in the order of the settings, and the other ways', async () => {
  for (const [passkeys, mailedSignIn] of [
    [true, false],
    [false, true],
  ] as const) {
    const offered = { providers, passkeys, mailedSignIn }
    expect((await ask(() => Response.json(offered))).ways).toEqual(offered)
  }
})

it('asks once, as the front end, for the browser of the visitor and without a session', async () => {
  const visitor = new Headers({ 'x-forwarded-for': '203.0.113.7', cookie: 'accessToken=a; refreshToken=b' })
  const { server } = await ask(
    () => Response.json({ providers, passkeys: true, mailedSignIn: true }),
    visitor,
  )
  expect(server.seen).toEqual([line])
  const [sent] = server.headers
  expect(sent?.get(headerNames.frontendCredential)).not.toBeNull()
  expect(sent?.get(headerNames.clientAddress)).toBe('203.0.113.7')
  expect([sent?.get('cookie'), sent?.get('authorization')]).toEqual([null, null])
})

it('an answer that lacks a member, or has another type, counts as none', async () => {
  const whole = { providers, passkeys: true, mailedSignIn: true }
  for (const change of [{ passkeys: undefined }, { mailedSignIn: 'yes' }, { providers: null }])
    expect((await ask(() => Response.json({ ...whole, ...change }))).ways).toEqual(nothing)
})

it.each<ErrorCode>(['unavailable', 'too_many_requests', 'frontend_refused'])(
  'after %s, the result has none, so the page shows the password only',
  async (code) => {
    expect((await ask(() => problemResponse(code))).ways).toEqual(nothing)
  },
)

it('the result has none if the auth server cannot be reached', async () => {
  const { server, runtime } = startAuthServer()
  server.interrupt = { before: line, code: 'lost' }
  expect(await waysFor(runtime, new Headers())).toEqual(nothing)
  expect(server.seen).toContain(line)
})
