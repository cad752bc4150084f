'use client'

import { addPasskey, removePasskey } from '@sallyport/next/passkeys'
import { useRouter } from 'next/navigation'
import { useState } from 'react'

/** The passkeys of the user, with buttons to add and to remove them. */
export function Passkeys({ passkeys }) {
  const router = useRouter()
  const [isBusy, setIsBusy] = useState(false)
  const [failed, setFailed] = useState('')

  async function change(work) {
    if (isBusy) return
    setIsBusy(true)
    setFailed('')
    const result = await work()
    setIsBusy(false)
    if (result.ok) return router.refresh()
    const code = result.reason === 'refused' ? result.problem.code : result.reason
    if (code === 'insufficient_user_authentication') router.push('/confirm?returnTo=/dashboard')
    else setFailed(code)
  }

  function remove(id, name) {
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
      {failed && (
        <p role="alert" className="sallyport-dashboard-refusal">
          {messages.get(failed) ?? 'That did not work. Try again later.'}
        </p>
      )}
    </section>
  )
}

const messages = new Map([
  ['last_way_in', 'You could not sign in any more without this passkey. Add another one first.'],
  ['exists', 'This device has a passkey of your account already.'],
  ['cancelled', 'No passkey was used.'],
  ['timed_out', 'No passkey was used in time.'],
  ['unsupported', 'This browser cannot use passkeys here.'],
  ['unavailable', 'The server did not answer. Try again in a moment.'],
])
