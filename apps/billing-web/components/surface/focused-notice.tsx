'use client'

import { type ReactNode, useEffect, useRef } from 'react'
import { ForgetNotice } from './forget-notice.tsx'
import { Done } from './notice.tsx'

/**
 * Shows that something was done, and takes the focus, because the control that had the focus is gone. Removes the notice from the URL, so
 * that a reload does not show it again.
 */
export function FocusedNotice({ children }: { children: ReactNode }) {
  const room = useRef<HTMLDivElement>(null)
  useEffect(() => room.current?.focus(), [])
  return (
    <div ref={room} tabIndex={-1} className="rounded-lg outline-none">
      <ForgetNotice />
      <Done>{children}</Done>
    </div>
  )
}
