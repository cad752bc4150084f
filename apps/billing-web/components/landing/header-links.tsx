'use client'

import { useSession } from '@sallyport/next/client'
import Link from 'next/link'
import { buttonStyle } from '../surface/button-style.ts'

/** The way in. Both forms of it take the same room, so that nothing moves when the answer comes. */
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
