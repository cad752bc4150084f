'use client'

import { LoaderCircle } from 'lucide-react'
import { useLinkStatus } from 'next/link'
import type { ReactNode } from 'react'

/** The icon of a link. While the page is loading, a spinner of the same size is shown instead. */
export function LinkIcon({ className, children }: { className: string; children: ReactNode }) {
  const { pending } = useLinkStatus()
  return (
    <span aria-hidden className={`grid shrink-0 place-items-center *:size-full ${className}`}>
      {pending ? <LoaderCircle className="animate-spin" strokeWidth={1.9} /> : children}
    </span>
  )
}
