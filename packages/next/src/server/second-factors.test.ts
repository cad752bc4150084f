import { problem } from '@sallyport/protocol'
import { expect, it } from 'vitest'
import { pendingSignInOf } from './second-factors.ts'
import { SessionUnavailableError } from './session-error.ts'

const pending = { status: 'second_factor_required' as const, factors: ['totp' as const], expiresIn: 600 }

it('a pending sign-in is returned; the server may be older, and not say how long a browser is trusted', () => {
  expect(pendingSignInOf({ ok: true, ...pending })).toEqual({ ...pending, trustedBrowserSeconds: 0 })
  const choice = { ...pending, trustedBrowserSeconds: 60 }
  expect(pendingSignInOf({ ok: true, ...choice })).toEqual(choice)
})

it.each(['sign_in_expired', 'too_many_requests'] as const)(
  'after %s there is no sign-in, so the page redirects to the sign-in page and shows no outage',
  (code) => {
    expect(pendingSignInOf({ ok: false, problem: problem(code) })).toBeNull()
  },
)

it('an outage is not a missing sign-in', () => {
  expect(() => pendingSignInOf({ ok: false, problem: problem('unavailable') })).toThrow(
    SessionUnavailableError,
  )
})
