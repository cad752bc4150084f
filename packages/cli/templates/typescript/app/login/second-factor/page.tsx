import Link from 'next/link'
import { redirect } from 'next/navigation'
import { safeReturnTo, secondFactors } from '../../../auth'
import { proveAndGoOn } from './actions'
import '../login.css'

export const metadata = { title: 'Enter your code' }

// The page is sent in one part, so that the form works before scripts have loaded.
export const instant = false

type Query = Promise<{ returnTo?: string; recovery?: string; failed?: string }>

/** The page after the password, for users who have a second factor. */
export default async function SecondFactor({ searchParams }: { searchParams: Query }) {
  const { returnTo = '', recovery = '', failed } = await searchParams
  const pending = await secondFactors.pending()
  if (pending === null) redirect(safeReturnTo(`/login?${new URLSearchParams({ returnTo })}`))
  const other = new URLSearchParams({ returnTo, recovery: recovery ? '' : '1' })
  const hasNone = pending.status === 'second_factor_setup_required'
  return (
    <main className="sallyport-login">
      <div className="sallyport-card">
        <h1 className="sallyport-title">{hasNone ? 'Set up a second factor' : 'Enter your code'}</h1>
        {hasNone ? (
          // Users come here if SALLYPORT_SECOND_FACTOR requires a second factor. docs/second-factors.md shows how they set one up.
          <p className="sallyport-lead">You must set up an authenticator app before you can sign in.</p>
        ) : (
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
            <input type="hidden" name="recovery" value={recovery} />
            <label className="sallyport-field">
              {recovery ? 'Recovery code' : 'Code'}
              <input
                key={recovery}
                name="code"
                inputMode={recovery ? 'text' : 'numeric'}
                autoComplete={recovery ? 'off' : 'one-time-code'}
                autoCapitalize="none"
                spellCheck={false}
                aria-describedby={failed ? 'refusal' : undefined}
                required
              />
            </label>
            <button type="submit" className="sallyport-button">
              Continue
            </button>
            <Link className="sallyport-link" href={`/login/second-factor?${other}`}>
              {recovery ? 'Use a code from the app' : 'Use a recovery code'}
            </Link>
          </form>
        )}
      </div>
    </main>
  )
}
