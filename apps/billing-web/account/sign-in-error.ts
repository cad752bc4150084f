const sentences: Record<string, string> = {
  identity_unlinked:
    'An account with this address exists already. Sign in as before, then link the provider under “Ways to sign in”.',
  identity_unverified:
    'This provider has not verified your email address, and nobody here has linked it. Sign in another way, or create an account.',
  identity_taken:
    'This account of the provider is linked to another account. Sign in with the provider, and remove the link there first.',
  identity_mismatch:
    'This account of the provider is not linked to your account here. Use the one that is linked, or confirm another way.',
  provider_unconfirmed:
    'The provider did not say that you have just signed in there. Confirm another way, for example with your password.',
  provider_refused: 'You cancelled at the provider, or it refused. Nothing has changed.',
  provider_failed: 'The provider did not respond as expected. Try again, or use another way.',
  sign_in_expired: 'This took more than ten minutes, or was finished in another browser. Start again.',
  sign_up_refused: 'An account cannot be created this way. Ask the owner of your workspace.',
  address_unverified: 'Your email address is not confirmed yet. Open the link in the mail that we sent you.',
}

/**
 * Returns the sentence for the `error` with which the browser comes back from a provider (docs/providers.md), or null if there is none.
 * Anybody can write this value into a link, so it is never shown itself.
 */
export function signInError(code: string): string | null {
  if (code === '') return null
  if (Object.hasOwn(sentences, code)) return sentences[code] ?? null
  return 'That did not work. Try again in a moment, or use another way.'
}
