'use client'

import Link from 'next/link'
import { signInAgain } from '../../app/(entry)/confirm/actions.ts'
import { SubmitButton } from '../form/submit-button.tsx'
import { SetPassword } from '../profile/set-password.tsx'
import { linkStyle } from '../surface/link-style.ts'

/**
 * What a user can do on the confirm page who has neither a password nor an authenticator app, and who has no other way to confirm, or cannot
 * use it in this browser: sign in again, or set a password.
 */
export function ConfirmWithoutProof(props: {
  returnTo: string
  /** Whether the page has buttons above, for a passkey or a provider. */
  hasOtherWay: boolean
  canSignInAgain: boolean
}) {
  const { returnTo, hasOtherWay, canSignInAgain } = props
  if (!hasOtherWay && !canSignInAgain) return <SetPassword email={null} />
  return (
    <>
      {!hasOtherWay && (
        <form action={signInAgain}>
          <input type="hidden" name="returnTo" value={returnTo} />
          <SubmitButton size="large" className="w-full">
            Sign in again
          </SubmitButton>
        </form>
      )}
      <p className="mt-6 text-soft">
        {hasOtherWay ? 'Not possible here? ' : 'You have no password. '}
        <Link href="/profile/password" className={linkStyle}>
          Set a password
        </Link>
      </p>
    </>
  )
}
