'use client'

import { useActionState, useEffect, useRef } from 'react'
import { signInAndGoOn } from './actions'
import styles from './page.module.css'

export function SignInForm({ returnTo, failed }) {
  const [refused, action, isPending] = useActionState(signInAndGoOn, failed ? refusedBefore(failed) : null)
  const form = useRef(null)
  // Where to go on typing after a refusal; the message itself is read out by its role.
  useEffect(() => {
    if (refused) form.current?.querySelector('[name=password]')?.focus()
  }, [refused])

  return (
    <form ref={form} action={action} className={styles.form}>
      {refused && (
        <p role="alert" id="refusal" className={styles.refusal}>
          {refused.message}
        </p>
      )}
      <input type="hidden" name="returnTo" value={returnTo} />
      <label className={styles.field}>
        Email
        <input
          name="email"
          type="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          defaultValue={refused?.email}
          aria-describedby={refused ? 'refusal' : undefined}
          required
        />
      </label>
      <label className={styles.field}>
        Password
        <input
          name="password"
          type="password"
          autoComplete="current-password"
          aria-describedby={refused ? 'refusal' : undefined}
          required
        />
      </label>
      <button type="submit" aria-disabled={isPending} className={styles.button}>
        {isPending ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
  )
}

/** What the address says of an attempt without scripts. */
function refusedBefore(code) {
  const isWrong = code === 'invalid_credentials'
  return {
    message: isWrong ? 'The email or the password is not right.' : 'That did not work. Try again later.',
    email: '',
  }
}
