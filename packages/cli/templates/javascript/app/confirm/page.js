// @if secondFactor
import Link from 'next/link'
// @end
// @if passkey
import { auth, safeReturnTo } from '../../auth'
// @end
// @if !passkey
//: import { auth } from '../../auth'
// @end
// @if secondFactor
import { CodeField } from '../login/second-factor/code-field'
// @end
import { confirmAndGoOn, signInAgain } from './actions'
import { ownProofs } from './own-proofs'
// @if passkey
import { PasskeyConfirm } from './passkey-confirm'
// @end
import '../login/login.css'

export const metadata = { title: 'Confirm that it is you' }

// The page is sent in one part, so that the form works before scripts have loaded.
export const instant = false

/** Asks signed-in users who they are, because a change or a page needs a recent proof. Then it opens the page from which they came. */
export default async function Confirm({ searchParams }) {
  const query = await searchParams
  const returnTo = query.returnTo ?? ''
  await auth.require({ returnTo: `/confirm?${new URLSearchParams({ returnTo })}` })
  const user = await auth.user()
  const proofs = await ownProofs()
  // @if secondFactor
  const hasForm = proofs.hasPassword || proofs.hasApp
  const recovery = query.recovery ?? ''
  // @end
  // @if !secondFactor
  //: const hasForm = proofs.hasPassword
  // @end
  // @if providers
  // `error` is the code of a confirmation that failed at a provider.
  const failed = query.failed ?? query.error
  // @end
  // @if !providers
  //: const { failed } = query
  // @end
  const isRefused = failed !== undefined
  return (
    <main className="sallyport-login">
      <div className="sallyport-card">
        <h1 className="sallyport-title">Confirm that it is you</h1>
        <div className="sallyport-lead">
          {isRefused ? (
            <p role="alert" id="refusal" className="sallyport-refusal">
              {messages.get(failed) ?? 'That did not work. Try again later.'}
            </p>
          ) : (
            <p>You are signed in as {user?.email}. We ask again before important changes.</p>
          )}
        </div>
        {hasForm && (
          <form action={confirmAndGoOn} className="sallyport-form">
            <input type="hidden" name="returnTo" value={returnTo} />
            {/* From this field, a password manager knows to which account the password belongs. */}
            <input type="text" autoComplete="username" value={user?.email} readOnly hidden />
            {proofs.hasPassword && (
              <label className="sallyport-field">
                Password
                <input
                  name="password"
                  type="password"
                  autoComplete="current-password"
                  aria-describedby={isRefused ? 'refusal' : undefined}
                  required
                />
              </label>
            )}
            {/* @if secondFactor */}
            {proofs.hasApp && <CodeField recovery={recovery} isRefused={isRefused} />}
            {/* @end */}
            <button type="submit" className="sallyport-button">
              Continue
            </button>
            {/* @if secondFactor */}
            {proofs.hasApp && (
              <Link
                className="sallyport-link"
                href={`/confirm?${new URLSearchParams({ returnTo, recovery: recovery ? '' : '1' })}`}
              >
                {recovery ? 'Use a code from the app' : 'Use a recovery code'}
              </Link>
            )}
            {/* @end */}
          </form>
        )}
        <div className="sallyport-ways">
          {/* @if passkey|providers */}
          {hasForm && <p className="sallyport-or">or</p>}
          {/* @end */}
          {/* @if passkey */}
          {proofs.hasPasskey && <PasskeyConfirm returnTo={safeReturnTo(returnTo)} />}
          {/* @end */}
          {/* @if providers */}
          {proofs.identities.map(({ id, provider, label }) => (
            <form key={id} action={`/api/auth/providers/${provider}`} method="post">
              <input type="hidden" name="purpose" value="confirm" />
              <input type="hidden" name="returnTo" value={returnTo} />
              <button type="submit" className="sallyport-button sallyport-secondary">
                Confirm with {label}
              </button>
            </form>
          ))}
          {/* @end */}
          {!hasForm && (
            <form action={signInAgain}>
              <input type="hidden" name="returnTo" value={returnTo} />
              <button type="submit" className="sallyport-button sallyport-secondary">
                Sign in again
              </button>
            </form>
          )}
        </div>
      </div>
    </main>
  )
}

const messages = new Map([
  ['password', 'This is not your password.'],
  // @if secondFactor
  ['code', 'This code is not right, or it was used already.'],
  ['recoveryCode', 'This recovery code is not right, or it was used already.'],
  // @end
  // @if providers
  ['identity_mismatch', 'This account of the provider is not linked to your account here.'],
  ['provider_unconfirmed', 'The provider did not say that you have just signed in there. Use another way.'],
  ['provider_refused', 'You have cancelled at the provider, or it has refused.'],
  ['provider_failed', 'The provider did not answer as expected. Try again, or use another way.'],
  ['sign_in_expired', 'This took too long, or it was finished in another browser. Start again.'],
  // @end
])
