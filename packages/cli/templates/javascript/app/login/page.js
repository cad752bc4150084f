import { redirect } from 'next/navigation'
import { auth, safeReturnTo } from '../../auth'
import { SignInForm } from './sign-in-form'
import './login.css'

export const metadata = { title: 'Sign in' }

// The page is sent in one part, so that the form works before scripts have loaded.
export const instant = false

export default async function Login({ searchParams }) {
  const { returnTo, failed } = await searchParams
  const target = safeReturnTo(returnTo)
  if (await auth()) redirect(target)
  return (
    <main className="sallyport-login">
      <div className="sallyport-card">
        <h1 className="sallyport-title">Sign in</h1>
        <SignInForm returnTo={returnTo} failed={isJustSignedIn(target) ? 'no_cookies' : failed} />
      </div>
    </main>
  )
}

/** Returns whether the form was accepted a moment ago. If so, and if nobody is signed in, the browser has stored no cookie. */
function isJustSignedIn(target) {
  const signedIn = Number(new URL(target, 'http://localhost').searchParams.get('signedIn'))
  return Math.abs(Date.now() / 1000 - signedIn) < 60
}
