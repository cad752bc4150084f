'use client'

import { CloudOff } from 'lucide-react'
import { buttonStyle } from '../surface/button-style.ts'
import { EmptyState } from '../surface/empty-state.tsx'
import { useSessionWatch } from './use-session-watch.ts'

/** Shown instead of the list while the auth server does not respond. */
export function SessionsUnavailable({ renderedAtMs }: { renderedAtMs: number }) {
  useSessionWatch({ shown: '', renderedAtMs })
  return (
    <div className="card" role="alert">
      <EmptyState
        Icon={CloudOff}
        title="Your sessions cannot be listed right now"
        action={
          // This link is not a client-side navigation. A full page load works before scripts have loaded, and always requests the list
          // again.
          <a href="/profile/sessions" className={buttonStyle('secondary')}>
            Try again
          </a>
        }
      >
        The sign-in service did not respond. No session has ended because of this.
      </EmptyState>
    </div>
  )
}
