import type { ReactNode } from 'react'

/** A state as a word, with a coloured dot. */
export function Badge({ dot, children }: { dot: string; children: ReactNode }) {
  return (
    <span className="inline-flex h-6 items-center gap-1.5 whitespace-nowrap rounded-full border border-line bg-surface pr-2.5 pl-2 font-medium text-ink text-xs">
      <span aria-hidden className={`size-2 rounded-full ${dot}`} />
      {children}
    </span>
  )
}
