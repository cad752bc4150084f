import type { Metadata } from 'next'
import Link from 'next/link'
import { redirect } from 'next/navigation'
import type { ReactNode } from 'react'
import { asksToVerifyEmail } from '../../../account/asks-to-verify-email.ts'
import { signInError } from '../../../account/sign-in-error.ts'
import { auth, mailedSignIn, safeReturnTo, waysToSignIn } from '../../../auth.ts'
import { addressOf, type Query, queryValue } from '../../../billing/query.ts'
import { demoAccounts } from '../../../components/entry/demo-account.ts'
import { ProviderButtons } from '../../../components/entry/provider-buttons.tsx'
import { SignIn } from '../../../components/entry/sign-in.tsx'
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
  const ways = await waysToSignIn()
  const isAskedFor = returnTo !== safeReturnTo(undefined)
  return (
    <SignIn
      returnTo={returnTo}
      note={
        isAskedFor
          ? 'After that, you continue to the page that you requested.'
          : 'Welcome back to Ledgerline.'
      }
      notices={<Notices notice={queryValue(query, 'notice')} error={queryValue(query, 'error')} />}
      cameBack={queryValue(query, 'signedIn') !== ''}
      passkeys={ways.passkeys}
      mailedSignIn={ways.mailedSignIn}
      providerButtons={
        ways.providers.length > 0 ? <ProviderButtons providers={ways.providers} returnTo={wanted} /> : null
      }
      demoAccounts={demoAccounts()}
    >
      <p className="mt-6 text-soft">
        New here?{' '}
        <Link href={addressOf('/signup', { returnTo: isAskedFor ? returnTo : null })} className={linkStyle}>
          Create an account
        </Link>
      </p>
      {ways.mailedSignIn && (await mailedSignIn.isRequested()) && (
        <p className="mt-2 text-soft">
          Have you asked for a code?{' '}
          <Link href={addressOf('/login/code', { returnTo })} className={linkStyle}>
            Enter it
          </Link>
        </p>
      )}
      {asksToVerifyEmail() && (
        <p className="mt-2 text-soft">
          No mail to confirm your email address?{' '}
          <Link href="/verify/again" className={linkStyle}>
            Send it again
          </Link>
        </p>
      )}
    </SignIn>
  )
}

/** What happened before this page was opened. */
function Notices({ notice, error }: { notice: string; error: string }) {
  const sentence = signInError(error)
  return (
    <>
      {sentence !== null && (
        <Above>
          <Alert>{sentence}</Alert>
        </Above>
      )}
      {Object.hasOwn(doneNotices, notice) && (
        <Above>
          <Done>{doneNotices[notice]}</Done>
        </Above>
      )}
      {notice === 'sign-in-expired' && (
        <Above>
          <Note>A sign-in must be finished within ten minutes. Start again.</Note>
        </Above>
      )}
      {notice === 'sign-out-unconfirmed' && (
        <Above>
          <Alert>
            You are signed out in this browser, but the service did not respond. If this device is not yours,
            wait a moment, then sign in and sign out again.
          </Alert>
        </Above>
      )}
    </>
  )
}

function Above({ children }: { children: ReactNode }) {
  return <div className="mb-5">{children}</div>
}
