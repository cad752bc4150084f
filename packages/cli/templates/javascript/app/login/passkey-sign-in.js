'use client'

import { signInWithPasskey } from '@sallyport/next/passkeys'
import { useEffect, useState } from 'react'
import { PasskeyButton } from './passkey-button'

/** A button that signs in with a passkey. The browser also offers passkeys in the list of the email field. */
export function PasskeySignIn({ returnTo }) {
  const [failures, setFailures] = useState(0)

  async function use() {
    const result = await signInWithPasskey()
    if (!result.ok) setFailures(failures + 1)
    return result
  }

  return (
    <>
      {/* The dialog of the button ends the offer in the list. After a dialog without success, the offer begins again. */}
      <PasskeyOffer key={failures} returnTo={returnTo} />
      <PasskeyButton use={use} onDone={() => window.location.assign(returnTo)}>
        Sign in with a passkey
      </PasskeyButton>
    </>
  )
}

function PasskeyOffer({ returnTo }) {
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    signInWithPasskey({ autofill: true, signal }).then(({ ok }) => ok && window.location.assign(returnTo))
    return () => controller.abort()
  }, [returnTo])
  return null
}
