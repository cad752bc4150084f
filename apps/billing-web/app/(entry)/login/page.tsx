import type { Metadata } from 'next'
import Link from 'next/link'
import { redirect } from 'next/navigation'
import { signInError } from '../../../account/sign-in-error.ts'
import { auth, providers, safeReturnTo } from '../../../auth.ts'
import { addressOf, type Query, queryValue } from '../../../billing/query.ts'
import { demoAccounts } from '../../../components/entry/demo-account.ts'
import { SignInForm } from '../../../components/entry/sign-in-form.tsx'
import { linkStyle } from '../../../components/surface/link-style.ts'
import { Alert, Done, Note } from '../../../components/surface/notice.tsx'

export const metadata: Metadata = { title: 'Sign in' }

/** Notices about what the user did before this page was opened. */
const doneNotices: Record<string, string> = {
  'signed-out-everywhere': 'You are signed out on every device, including this one.',
  'password-reset': 'Your new password is set. Sign in with it.',
  'address-changed': 'Your new address is confirmed. Sign in with it.',
}

export default async function LoginPage({ searchParams }: { searchParams: Promise<Query> }) {
  const query = await searchParams
  const wanted = queryValue(query, 'returnTo')
  const returnTo = safeReturnTo(wanted)
  if (await auth()) redirect(returnTo)
  const error = signInError(queryValue(query, 'error'))
  const notice = queryValue(query, 'notice')
  const isAskedFor = returnTo !== safeReturnTo(undefined)
  return (
    <>
      <h1 className="font-semibold text-2xl tracking-tight">Sign in</h1>
      <p className="mt-1 mb-6 text-soft">
        {isAskedFor
          ? 'After that, you continue to the page that you requested.'
          : 'Welcome back to Ledgerline.'}
      </p>
      {error !== null && (
        <div className="mb-5">
          <Alert>{error}</Alert>
        </div>
      )}
      {Object.hasOwn(doneNotices, notice) && (
        <div className="mb-5">
          <Done>{doneNotices[notice]}</Done>
        </div>
      )}
      {notice === 'sign-in-expired' && (
        <div className="mb-5">
          <Note>A sign-in must be finished within ten minutes. Start again with your password.</Note>
        </div>
      )}
      {notice === 'sign-out-unconfirmed' && (
        <div className="mb-5">
          <Alert>
            You are signed out in this browser, but the service did not respond. If this device is not yours,
            wait a moment, then sign in and sign out again.
          </Alert>
        </div>
      )}
      <SignInForm
        returnTo={returnTo}
        wanted={wanted}
        cameBack={queryValue(query, 'signedIn') !== ''}
        providers={await providers.list()}
        demoAccounts={demoAccounts()}
      />
      <p className="mt-6 text-soft">
        New here?{' '}
        <Link href={addressOf('/signup', { returnTo: isAskedFor ? returnTo : null })} className={linkStyle}>
          Create an account
        </Link>
      </p>
      <p className="mt-2 text-soft">
        No mail to confirm your email address?{' '}
        <Link href="/verify/again" className={linkStyle}>
          Send it again
        </Link>
      </p>
    </>
  )
}
