'use client'

import { useActionState, useEffect, useRef, useSyncExternalStore } from 'react'
import { signInAndGoOn } from './actions'

type Given = { returnTo: string | undefined; failed: string | undefined }

export function SignInForm({ returnTo, failed }: Given) {
  const [refused, action, isPending] = useActionState(signInAndGoOn, failed ? refusedBefore(failed) : null)
  const hasCookies = useSyncExternalStore(
    () => () => {},
    () => navigator.cookieEnabled,
    () => true,
  )
  const message = hasCookies ? refused?.message : noCookies
  const form = useRef<HTMLFormElement>(null)
  // Focus the field to correct after a refusal. Screen readers read the message because of its role.
  useEffect(() => {
    if (refused?.email) form.current?.querySelector<HTMLInputElement>('[name=password]')?.focus()
  }, [refused])

  return (
    <form
      ref={form}
      action={action}
      onSubmit={(event) => {
        if (!hasCookies || isPending) event.preventDefault()
      }}
      className="sallyport-form"
    >
      {/* One place for both, so that the layout does not move. */}
      <div className="sallyport-lead">
        {message ? (
          <p role="alert" id="refusal" className="sallyport-refusal">
            {message}
          </p>
        ) : (
          <p>Enter your email and your password.</p>
        )}
      </div>
      <input type="hidden" name="returnTo" value={returnTo ?? ''} />
      <label className="sallyport-field">
        Email
        <input
          name="email"
          type="email"
          // @if passkey
          autoComplete="username webauthn"
          // @end
          // @if !passkey
          //: autoComplete="username"
          // @end
          autoCapitalize="none"
          spellCheck={false}
          defaultValue={refused?.email}
          aria-describedby={message ? 'refusal' : undefined}
          required
        />
      </label>
      <label className="sallyport-field">
        Password
        <input
          name="password"
          type="password"
          autoComplete="current-password"
          aria-describedby={message ? 'refusal' : undefined}
          required
        />
      </label>
      <button type="submit" aria-disabled={isPending} className="sallyport-button">
        {isPending ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
  )
}

const noCookies =
  'This browser stores no cookies for this site, but signing in needs them. Allow cookies in its settings, then try again.'

/** The result of an attempt without scripts, from the query. */
function refusedBefore(code: string) {
  const messages = new Map([
    ['invalid_credentials', 'The email or the password is not right.'],
    ['address_unverified', 'Confirm your email address first. We have sent you a mail with a link.'],
    ['no_cookies', noCookies],
    // @if providers|secondFactor
    ['sign_in_expired', 'This took too long, or it was finished in another browser. Start again.'],
    // @end
    // @if providers
    ['identity_unlinked', 'An account with this address exists already. Sign in to it as before.'],
    ['identity_unverified', 'The provider has not verified your email address. Sign in another way.'],
    ['provider_refused', 'You have cancelled at the provider, or it has refused.'],
    ['provider_failed', 'The provider did not answer as expected. Try again, or use another way.'],
    ['sign_up_refused', 'An account cannot be created this way.'],
    // @end
  ])
  return { message: messages.get(code) ?? 'Signing in failed. Try again later.', email: '' }
}
