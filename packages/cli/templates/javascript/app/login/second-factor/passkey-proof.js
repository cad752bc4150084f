'use client'

import { proveSecondFactorWithPasskey, setUpPasskey } from '@sallyport/next/passkeys'
import { PasskeyButton } from '../passkey-button'

/** A button that finishes the sign-in with a passkey. If the user has no second factor, it creates the passkey first. */
export function PasskeyProof({ returnTo, mustSetUp }) {
  return (
    <PasskeyButton
      use={() => (mustSetUp ? setUpPasskey() : proveSecondFactorWithPasskey())}
      onDone={() => window.location.assign(returnTo)}
    >
      {mustSetUp ? 'Create a passkey' : 'Use a passkey'}
    </PasskeyButton>
  )
}
