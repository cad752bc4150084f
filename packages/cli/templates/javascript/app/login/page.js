// @if mail
import Link from 'next/link'
// @end
import { redirect } from 'next/navigation'
// @if providers
import { auth, providers, safeReturnTo } from '../../auth'
// @end
// @if !providers
//: import { auth, safeReturnTo } from '../../auth'
// @end
// @if passkey
import { PasskeySignIn } from './passkey-sign-in'
// @end
import { SignInForm } from './sign-in-form'
import './login.css'

export const metadata = { title: 'Sign in' }

// The page is sent in one part, so that the form works before scripts have loaded.
export const instant = false

export default async function Login({ searchParams }) {
  // @if providers
  // `error` is the code of a sign-in that failed at a provider.
  const { returnTo, error, failed = error } = await searchParams
  // @end
  // @if !providers
  //: const { returnTo, failed } = await searchParams
  // @end
  const target = safeReturnTo(returnTo)
  if (await auth()) redirect(target)
  // @if providers
  const available = await providers.list()
  // @end
  return (
    <main className="sallyport-login">
      <div className="sallyport-card">
        <h1 className="sallyport-title">Sign in</h1>
        <SignInForm returnTo={returnTo} failed={isJustSignedIn(target) ? 'no_cookies' : failed} />
        {/* @if passkey|mail|providers */}
        <div className="sallyport-ways">
          <p className="sallyport-or">or</p>
          {/* @if passkey */}
          <PasskeySignIn returnTo={target} />
          {/* @end */}
          {/* @if mail */}
          <Link
            className="sallyport-button sallyport-secondary"
            href={`/login/code?${new URLSearchParams({ returnTo: returnTo ?? '' })}`}
          >
            Email me a code
          </Link>
          {/* @end */}
          {/* @if providers */}
          {available.map(({ name, label }) => (
            <form key={name} action={`/api/auth/providers/${name}`} method="post">
              <input type="hidden" name="returnTo" value={returnTo ?? ''} />
              <button type="submit" className="sallyport-button sallyport-secondary">
                Continue with {label}
              </button>
            </form>
          ))}
          {/* @end */}
        </div>
        {/* @end */}
      </div>
    </main>
  )
}

/** Returns whether the form was accepted a moment ago. If so, and if nobody is signed in, the browser has stored no cookie. */
function isJustSignedIn(target) {
  const signedIn = Number(new URL(target, 'http://localhost').searchParams.get('signedIn'))
  return Math.abs(Date.now() / 1000 - signedIn) < 60
}
