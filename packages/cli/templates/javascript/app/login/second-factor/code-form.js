import Link from 'next/link'
import { proveAndGoOn } from './actions'
import { CodeField } from './code-field'

/** Asks for a code of the authenticator app, or for a recovery code. */
export function CodeForm({ returnTo, recovery, failed }) {
  const other = new URLSearchParams({ returnTo, recovery: recovery ? '' : '1' })
  return (
    <>
      <h1 className="sallyport-title">Enter your code</h1>
      <form action={proveAndGoOn} className="sallyport-form">
        <div className="sallyport-lead">
          {failed ? (
            <p role="alert" id="refusal" className="sallyport-refusal">
              {failed === 'invalid_request'
                ? 'This code is not right, or it was used already.'
                : 'Signing in failed. Try again later.'}
            </p>
          ) : (
            <p>{recovery ? 'Enter one of your recovery codes.' : 'Your authenticator app shows it.'}</p>
          )}
        </div>
        <input type="hidden" name="returnTo" value={returnTo} />
        <CodeField recovery={recovery} isRefused={failed !== undefined} />
        <button type="submit" className="sallyport-button">
          Continue
        </button>
        <Link className="sallyport-link" href={`/login/second-factor?${other}`}>
          {recovery ? 'Use a code from the app' : 'Use a recovery code'}
        </Link>
      </form>
    </>
  )
}
