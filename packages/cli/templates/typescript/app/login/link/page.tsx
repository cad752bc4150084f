import Link from 'next/link'
import { SignInLink } from './sign-in-link'
import '../login.css'

export const metadata = { title: 'Confirm your sign-in' }

/** The page that the link in the mail opens. */
export default function MailedLink() {
  return (
    <main className="sallyport-login">
      <div className="sallyport-card">
        <h1 className="sallyport-title">Confirm your sign-in</h1>
        <SignInLink />
        <p className="sallyport-lead sallyport-without-scripts">
          The link needs JavaScript. Enter the code from the mail instead, in the browser in which you
          requested it.
        </p>
        <p className="sallyport-links">
          <Link className="sallyport-link" href="/login/code">
            Request another mail
          </Link>
        </p>
      </div>
    </main>
  )
}
