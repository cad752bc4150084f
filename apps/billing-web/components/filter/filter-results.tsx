'use client'

import type { ReactNode } from 'react'
import { useFilterScope } from './filter-scope.tsx'

/** The filtered list. While a new list is loading, the old list stays visible in paler colours. */
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
