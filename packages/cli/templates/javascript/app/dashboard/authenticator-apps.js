'use client'

import Link from 'next/link'
import { useSearchParams } from 'next/navigation'
import { removeApp } from './actions'

/** The authenticator apps of the user, with buttons to remove them and a link to add one. */
export function AuthenticatorApps({ apps, addPath }) {
  const failed = useSearchParams().get('failed')
  return (
    <section className="sallyport-section">
      <h2>Authenticator apps</h2>
      <p className="sallyport-dashboard-lead">
        With an app, you enter a code after your password. A stolen password is then not enough to sign in.
      </p>
      {apps.length > 0 && (
        <ul className="sallyport-list">
          {apps.map(({ id, name }) => (
            <li key={id}>
              {name}
              <form
                action={removeApp}
                onSubmit={(event) => {
                  if (!window.confirm(`Remove the app “${name}”?`)) event.preventDefault()
                }}
              >
                <input type="hidden" name="id" value={id} />
                <button type="submit" className="sallyport-dashboard-button">
                  Remove<span className="sallyport-hidden"> {name}</span>
                </button>
              </form>
            </li>
          ))}
        </ul>
      )}
      <Link href={addPath} className="sallyport-dashboard-button">
        Add an app
      </Link>
      {failed && (
        <p role="alert" className="sallyport-dashboard-refusal">
          {messages.get(failed) ?? 'That did not work. Try again later.'}
        </p>
      )}
    </section>
  )
}

const messages = new Map([
  ['last_second_factor', 'Your account must have an app. Add another one first.'],
  ['not_found', 'This app was removed already.'],
])
