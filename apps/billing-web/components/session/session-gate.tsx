'use client'

import { useSession } from '@sallyport/next/client'
import type { ReactNode } from 'react'
import { buttonStyle } from '../surface/button-style.ts'

/**
 * Takes everything private off the screen in the moment this browser signs out, in whichever tab. The page that the server
 * sends next is the sign-in page; this is what stands there until it has come.
 */
export function SessionGate({ children }: { children: ReactNode }) {
  if (useSession().status === 'signedIn') return children
  return (
    <main id="content" tabIndex={-1} className="grid min-h-dvh place-items-center p-6 text-center">
      <div>
        <h1 className="font-semibold text-xl tracking-tight">You are signed out</h1>
        <p className="mt-1 mb-5 text-soft">Sign in again to go on where you were.</p>
        <a href="/login" className={buttonStyle('primary')}>
          Go to sign in
        </a>
      </div>
    </main>
  )
}
