'use client'

import type { PasskeyResult } from '@sallyport/next/passkeys'
import { addPasskey, removePasskey } from '@sallyport/next/passkeys'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { signInAgain } from './actions'

type Given = { passkeys: { id: string; name: string }[] }

/** The passkeys of the user, with buttons to add and to remove them. */
export function Passkeys({ passkeys }: Given) {
  const router = useRouter()
  const [isBusy, setIsBusy] = useState(false)
  const [code, setCode] = useState('')

  async function change(work: () => Promise<PasskeyResult>) {
    if (isBusy) return
    setIsBusy(true)
    setCode('')
    const result = await work()
    setIsBusy(false)
    if (result.ok) router.refresh()
    else setCode(result.reason === 'refused' ? result.problem.code : result.reason)
  }

  function remove(id: string, name: string) {
    if (window.confirm(`Remove the passkey “${name}”?`)) change(() => removePasskey(id))
  }

  return (
    <section className="sallyport-section">
      <h2>Passkeys</h2>
      <p className="sallyport-dashboard-lead">
        With a passkey, you sign in with your fingerprint, face, screen lock or security key.
      </p>
      {passkeys.length > 0 && (
        <ul className="sallyport-list">
          {passkeys.map(({ id, name }) => (
            <li key={id}>
              {name}
              <button type="button" onClick={() => remove(id, name)} className="sallyport-dashboard-button">
                Remove<span className="sallyport-hidden"> {name}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <button
        type="button"
        onClick={() => change(() => addPasskey())}
        aria-disabled={isBusy}
        className="sallyport-dashboard-button"
      >
        Add a passkey
      </button>
      {code && (
        <div role="alert" className="sallyport-dashboard-refusal">
          <p>{messages.get(code) ?? 'That did not work. Try again later.'}</p>
          {code === 'insufficient_user_authentication' && (
            <form action={signInAgain}>
              <button type="submit" className="sallyport-dashboard-button">
                Sign in again
              </button>
            </form>
          )}
        </div>
      )}
    </section>
  )
}

const messages = new Map([
  ['insufficient_user_authentication', 'You signed in some time ago. Sign in again to change your passkeys.'],
  ['last_way_in', 'You could not sign in any more without this passkey. Add another one first.'],
  ['exists', 'This device has a passkey of your account already.'],
  ['cancelled', 'No passkey was used.'],
  ['timed_out', 'No passkey was used in time.'],
  ['unsupported', 'This browser cannot use passkeys here.'],
  ['unavailable', 'The server did not answer. Try again in a moment.'],
])
