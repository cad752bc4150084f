'use client'

import { signInWithPasskey } from '@sallyport/next/passkeys'
import { useEffect, useState } from 'react'
import { PasskeyButton } from '../passkey/passkey-button.tsx'

/** A button that signs in with a passkey. Meanwhile, the browser offers passkeys in the list of the email field. */
export function PasskeySignIn({ returnTo }: { returnTo: string }) {
  // A dialog ends the offer in the list. After a dialog without success, the offer begins again.
  const [failures, setFailures] = useState(0)
  // If the server has no passkeys, there is nothing to offer.
  const [isOff, setOff] = useState(false)

  // biome-ignore lint/correctness/useExhaustiveDependencies: the offer begins again after each failure
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    signInWithPasskey({ autofill: true, signal }).then((result) => {
      if (signal.aborted) return
      if (result.ok) location.assign(returnTo)
      else if (result.reason === 'refused' && result.problem.status === 404) setOff(true)
    })
    return () => controller.abort()
  }, [returnTo, failures])

  if (isOff) return null
  return (
    <PasskeyButton
      className="w-full"
      use={(signal) => signInWithPasskey({ signal })}
      onDone={() => location.assign(returnTo)}
      onFailed={() => {
        setFailures((count) => count + 1)
        return false
      }}
    >
      Sign in with a passkey
    </PasskeyButton>
  )
}
