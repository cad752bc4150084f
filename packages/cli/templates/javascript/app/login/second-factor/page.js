import { redirect } from 'next/navigation'
import { auth, safeReturnTo, secondFactors } from '../../../auth'
import { setUpApp } from './actions'
import { CodeForm } from './code-form'
// @if passkey
import { PasskeyProof } from './passkey-proof'
// @end
import { SetUpApp } from './set-up-app'
import '../login.css'

export const metadata = { title: 'Second factor' }

// The page is sent in one part, so that the form works before scripts have loaded.
export const instant = false

/** Asks users for the second factor that they need to sign in. If they have none and the auth server requires one, they set it up. */
export default async function SecondFactor({ searchParams }) {
  const { returnTo = '', recovery = '', failed } = await searchParams
  const pending = await secondFactors.pending()
  // After the set-up, the user is signed in, but the recovery codes must stay on the page.
  if (pending === null && (await auth()) === null)
    redirect(safeReturnTo(`/login?${new URLSearchParams({ returnTo })}`))
  const mustProve = pending?.status === 'second_factor_required'
  // @if passkey
  const hasApp = pending?.factors.includes('totp')
  const hasPasskey = pending?.factors.includes('passkey')
  // @end
  return (
    <main className="sallyport-login">
      <div className="sallyport-card">
        {!mustProve && (
          <SetUpApp
            action={setUpApp}
            title="Set up a second factor"
            lead="Your account must have one. You need an authenticator app on your phone, which shows a new code each time."
            returnTo={safeReturnTo(returnTo)}
            isSignedIn={pending === null}
          />
        )}
        {/* @if passkey */}
        {mustProve && hasApp && <CodeForm returnTo={returnTo} recovery={recovery} failed={failed} />}
        {mustProve && !hasApp && (
          <>
            <h1 className="sallyport-title">Use your passkey</h1>
            <p className="sallyport-lead">Confirm with your screen lock or your security key.</p>
            <p className="sallyport-refusal sallyport-without-scripts">
              Passkeys need JavaScript. Turn it on, then load this page again.
            </p>
          </>
        )}
        {hasPasskey && (
          <div className="sallyport-ways">
            {hasApp && <p className="sallyport-or">or</p>}
            <PasskeyProof returnTo={safeReturnTo(returnTo)} mustSetUp={!mustProve} />
          </div>
        )}
        {/* @end */}
        {/* @if !passkey */}
        {/*: {mustProve && <CodeForm returnTo={returnTo} recovery={recovery} failed={failed} />} */}
        {/* @end */}
      </div>
    </main>
  )
}
