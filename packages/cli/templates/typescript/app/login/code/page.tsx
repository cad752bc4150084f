import Link from 'next/link'
import { redirect } from 'next/navigation'
import { auth, mailedSignIn, safeReturnTo } from '../../../auth'
import { enterCode, requestMail } from './actions'
import '../login.css'

export const metadata = { title: 'Sign in by mail' }

// The page is sent in one part, so that the form works before scripts have loaded.
export const instant = false

type Query = Promise<{ returnTo?: string; sent?: string; again?: string; failed?: string }>

/** Asks for the address, then for the code of the mail. It shows the same for every address, whether it has an account or not. */
export default async function MailedCode({ searchParams }: { searchParams: Query }) {
  const { returnTo = '', sent, again, failed } = await searchParams
  if (await auth()) redirect(safeReturnTo(returnTo))
  const isRequested = await mailedSignIn.isRequested()
  const asksCode = isRequested && !again
  // After the request, the browser has a cookie. Without this cookie, no code works.
  const refusal = sent && !isRequested ? noCookie : failed ? messageOf(failed, asksCode) : null
  const lead = asksCode
    ? 'If your address has an account, we have mailed you a code of six digits. It works in this browser for ten minutes.'
    : 'We mail you a code and a link, so you need no password.'
  return (
    <main className="sallyport-login">
      <div className="sallyport-card">
        <h1 className="sallyport-title">{asksCode ? 'Enter the code' : 'Sign in by mail'}</h1>
        <form action={asksCode ? enterCode : requestMail} className="sallyport-form">
          <div className="sallyport-lead">
            {refusal ? (
              <p role="alert" id="refusal" className="sallyport-refusal">
                {refusal}
              </p>
            ) : (
              <p>{lead}</p>
            )}
          </div>
          <input type="hidden" name="returnTo" value={returnTo} />
          {asksCode ? (
            <label key="code" className="sallyport-field">
              Code
              <input
                name="code"
                inputMode="numeric"
                autoComplete="one-time-code"
                aria-describedby={refusal ? 'refusal' : undefined}
                required
              />
            </label>
          ) : (
            <label key="email" className="sallyport-field">
              Email
              <input
                name="email"
                type="email"
                autoComplete="username"
                autoCapitalize="none"
                spellCheck={false}
                aria-describedby={refusal ? 'refusal' : undefined}
                required
              />
            </label>
          )}
          <button type="submit" className="sallyport-button">
            {asksCode ? 'Sign in' : 'Email me a code'}
          </button>
        </form>
        <p className="sallyport-links">
          {asksCode && (
            <Link
              className="sallyport-link"
              href={`/login/code?${new URLSearchParams({ returnTo, again: '1' })}`}
            >
              Send another mail
            </Link>
          )}
          <Link className="sallyport-link" href={`/login?${new URLSearchParams({ returnTo })}`}>
            Sign in another way
          </Link>
        </p>
      </div>
    </main>
  )
}

const noCookie =
  'The code has expired, or this browser stores no cookies for this site. Request another mail.'

function messageOf(code: string, asksCode: boolean) {
  if (code === 'invalid_request')
    return asksCode ? 'This is not the code in the mail. Try again.' : 'This is not an email address.'
  if (code === 'sign_in_mail_expired')
    return 'This code has expired, or it was requested in another browser. Request another mail.'
  if (code === 'too_many_requests') return 'Too many attempts. Wait a while, then try again.'
  return 'Signing in failed. Try again later.'
}
