'use client'

import { useSession } from '@sallyport/next/client'
import Link from 'next/link'
import { buttonStyle } from '../surface/button-style.ts'

/**
 * The links to sign in and to sign up, or the link to the dashboard. In both cases the links have the same space, so that nothing moves
 * when the session is known.
 */
export function HeaderLinks() {
  const isSignedIn = useSession().status === 'signedIn'
  return (
    <nav aria-label="Account" className="flex min-w-48 items-center justify-end gap-1.5">
      {isSignedIn ? (
        <Link href="/dashboard" prefetch={false} className={buttonStyle('primary')}>
          Open dashboard
        </Link>
      ) : (
        <>
          <Link href="/login" prefetch={false} className={buttonStyle('quiet')}>
            Sign in
          </Link>
          <Link href="/signup" prefetch={false} className={buttonStyle('secondary')}>
            Create account
          </Link>
        </>
      )}
    </nav>
  )
}
