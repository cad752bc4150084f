'use client'

import { arePasskeysSupported } from '@sallyport/next/passkeys'
import { useState, useSyncExternalStore } from 'react'

/** A button that asks for a passkey. It is not shown without scripts, and in browsers that cannot use passkeys. */
export function PasskeyButton({ use, onDone, children }) {
  const [isWaiting, setIsWaiting] = useState(false)
  const [message, setMessage] = useState('')
  const isSupported = useSyncExternalStore(
    () => () => {},
    () => arePasskeysSupported(),
    () => true,
  )

  async function ask() {
    if (isWaiting) return
    setMessage('')
    setIsWaiting(true)
    const result = await use()
    if (result.ok) return onDone()
    setIsWaiting(false)
    setMessage(result.reason === 'refused' ? result.problem.title : messages[result.reason])
  }

  if (!isSupported) return null
  return (
    <div className="sallyport-passkey">
      <button
        type="button"
        onClick={ask}
        aria-disabled={isWaiting}
        className="sallyport-button sallyport-secondary"
      >
        {isWaiting ? 'Waiting for your passkey…' : children}
      </button>
      {message && (
        <p role="alert" className="sallyport-refusal">
          {message}
        </p>
      )}
    </div>
  )
}

const messages = {
  cancelled: 'No passkey was used. Try again, or use another way.',
  timed_out: 'No passkey was used in time. Try again, or use another way.',
  exists: 'This device has a passkey of this account already.',
  unsupported: 'This browser cannot use passkeys here. Use another way.',
  unavailable: 'The server did not answer. Try again in a moment.',
}
