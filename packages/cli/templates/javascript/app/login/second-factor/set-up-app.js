'use client'

import { useActionState } from 'react'
import { CodeField } from './code-field'

/** The set-up of an authenticator app. It needs scripts, because with cacheComponents Next does not render the state of a form. */
export function SetUpApp({ action, title, lead, returnTo, isSignedIn, children }) {
  const [{ message, app, recoveryCodes }, send, isPending] = useActionState(action, {})
  if (recoveryCodes?.length)
    return (
      <>
        <h1 className="sallyport-title">Save your recovery codes</h1>
        <p className="sallyport-lead">
          If you lose your phone, you can sign in with one of these codes. Each works once. They are not shown
          again.
        </p>
        <ol aria-label="Recovery codes" className="sallyport-codes">
          {recoveryCodes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ol>
        <a href={returnTo} className="sallyport-button">
          I have saved my codes
        </a>
      </>
    )
  if (recoveryCodes || isSignedIn)
    return (
      <>
        <h1 className="sallyport-title">{recoveryCodes ? 'The app is added' : 'You are signed in'}</h1>
        <p className="sallyport-lead">
          {recoveryCodes ? 'You can sign in with its codes now.' : 'There is nothing left to do here.'}
        </p>
        <a href={returnTo} className="sallyport-button">
          Continue
        </a>
      </>
    )
  return (
    <>
      <h1 className="sallyport-title">{app ? 'Scan the QR code' : title}</h1>
      <p className="sallyport-lead sallyport-without-scripts">
        This needs JavaScript. Turn it on, then load this page again.
      </p>
      <form
        action={send}
        onSubmit={(event) => {
          if (isPending) event.preventDefault()
        }}
        className="sallyport-form sallyport-needs-scripts"
      >
        <div className="sallyport-lead">
          {message ? (
            <p role="alert" id="refusal" className="sallyport-refusal">
              {message}
            </p>
          ) : (
            <p>{app ? 'Open your authenticator app, add an account, and scan this code.' : lead}</p>
          )}
        </div>
        <input type="hidden" name="returnTo" value={returnTo} />
        {!app && children}
        {app && (
          <>
            <input type="hidden" name="id" value={app.id} />
            {/* An image runs no scripts. If your pages have a Content-Security-Policy, it must allow `img-src data:`. */}
            <img
              alt="QR code for your authenticator app"
              src={`data:image/svg+xml,${encodeURIComponent(app.qrCode)}`}
              width={192}
              height={192}
              className="sallyport-qr"
            />
            <div>
              <p className="sallyport-hint">Cannot scan it? Enter this key in the app:</p>
              <code className="sallyport-key">{app.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code>
              <a href={app.uri} className="sallyport-link">
                Open in an app on this device
              </a>
            </div>
            <CodeField isRefused={message !== undefined} />
          </>
        )}
        <button type="submit" aria-disabled={isPending} className="sallyport-button">
          {app ? 'Confirm' : 'Set up the app'}
        </button>
      </form>
    </>
  )
}
