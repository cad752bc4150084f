'use client'

import { useRouter } from 'next/navigation'
import { createContext, type ReactNode, useContext, useMemo, useTransition } from 'react'

type Scope = { isPending: boolean; show(address: string): void }

const ScopeContext = createContext<Scope | null>(null)

/** Connects a filter form with its list, so that the list can show that new results are loading. */
export function FilterScope({ children }: { children: ReactNode }) {
  const router = useRouter()
  const [isPending, startTransition] = useTransition()
  const scope = useMemo<Scope>(
    () => ({
      isPending,
      show: (address) => startTransition(() => router.replace(address, { scroll: false })),
    }),
    [isPending, router],
  )
  return <ScopeContext value={scope}>{children}</ScopeContext>
}

export function useFilterScope(): Scope {
  const scope = useContext(ScopeContext)
  if (scope === null) throw new Error('A filter form and its results need a <FilterScope> around them.')
  return scope
}
