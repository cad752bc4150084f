'use client'

import type { ReactNode } from 'react'
import { useFilterScope } from './filter-scope.tsx'

/** The filtered list. It stays visible, paler, until the next one is loaded. */
export function FilterResults({ children }: { children: ReactNode }) {
  const { isPending } = useFilterScope()
  return (
    <div
      aria-busy={isPending}
      className={`transition-opacity duration-200 ${isPending ? 'opacity-55 delay-100' : ''}`}
    >
      {children}
    </div>
  )
}
