import type { ReactNode } from 'react'

/** A list of labels and values. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid gap-x-6 gap-y-4 px-5 pb-5 sm:grid-cols-2">{children}</dl>
}

export function Fact(props: { label: string; className?: string; children: ReactNode }) {
  return (
    <div className={`min-w-0 ${props.className ?? ''}`}>
      <dt className="text-[0.8125rem] text-soft">{props.label}</dt>
      <dd className="mt-0.5 [overflow-wrap:anywhere]">{props.children}</dd>
    </div>
  )
}
