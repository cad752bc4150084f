'use client'

import { useActionState, useEffect, useRef, useState } from 'react'
import { confirmLink, describeLink } from './actions'

/** Shows which sign-in the link in the mail confirms, and signs in after a click. */
export function SignInLink() {
  const [described, setDescribed] = useState(null)
  const [refused, action, isPending] = useActionState(confirmLink, null)
  const token = useRef('')

  useEffect(() => {
    async function describe() {
      token.current = new URLSearchParams(window.location.hash.slice(1)).get('token') ?? token.current
      // Remove the token from the URL, so that it does not stay in the history.
      window.history.replaceState(window.history.state, '', window.location.pathname)
      setDescribed(await describeLink(token.current))
    }
    describe()
    // If the user opens another link in the same tab, only the fragment of the URL changes.
    window.addEventListener('hashchange', describe)
    return () => window.removeEventListener('hashchange', describe)
  }, [])

  const shown = refused ?? described
  if (shown === null) return <p className="sallyport-lead sallyport-needs-scripts">Checking the link…</p>
  if ('message' in shown)
    return (
      <div className="sallyport-lead">
        <p role="alert" className="sallyport-refusal">
          {shown.message}
        </p>
      </div>
    )
  return (
    <form
      action={action}
      onSubmit={(event) => {
        if (isPending) event.preventDefault()
      }}
      className="sallyport-form"
    >
      <p className="sallyport-lead">Is this the sign-in that you have requested?</p>
      <input type="hidden" name="token" value={shown.token} />
      <dl className="sallyport-about">
        <dt>Account</dt>
        <dd>{shown.email}</dd>
        <dt>Requested with</dt>
        <dd>
          {shown.device}
          {shown.isHere ? ', this browser' : ', another browser than this one'}
        </dd>
      </dl>
      <button type="submit" aria-disabled={isPending} className="sallyport-button">
        {isPending ? 'Signing in…' : 'Sign in'}
      </button>
      <p className="sallyport-lead">
        If you have not requested this, close this page. Nobody is signed in then.
      </p>
    </form>
  )
}
