'use client'

import { useSession } from '@sallyport/next/client'
import type { ReactNode } from 'react'
import { buttonStyle } from '../surface/button-style.ts'

/**
 * Hides all private content as soon as the user signs out in any tab of this browser. Shows a notice until the sign-in page is loaded.
 */
export function SessionGate({ children }: { children: ReactNode }) {
  if (useSession().status === 'signedIn') return children
  return (
    <main id="content" tabIndex={-1} className="grid min-h-dvh place-items-center p-6 text-center">
      <div>
        <h1 className="font-semibold text-xl tracking-tight">You are signed out</h1>
        <p className="mt-1 mb-5 text-soft">Sign in again to continue.</p>
        <a href="/login" className={buttonStyle('primary')}>
          Go to sign in
        </a>
      </div>
    </main>
  )
}
