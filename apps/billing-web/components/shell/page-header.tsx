import type { ReactNode } from 'react'

/** The title of a page, with its actions. */
export function PageHeader(props: {
  title: ReactNode
  note?: ReactNode
  above?: ReactNode
  actions?: ReactNode
}) {
  return (
    <div className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-4 sm:items-end lg:mb-8">
      <div className="min-w-40 flex-1">
        {props.above && <div className="mb-2">{props.above}</div>}
        <h1 className="font-semibold text-[1.625rem] leading-tight tracking-[-0.02em]">{props.title}</h1>
        {props.note && <p className="mt-1 text-pretty text-soft">{props.note}</p>}
      </div>
      {props.actions && <div className="print:hidden flex flex-wrap items-center gap-2">{props.actions}</div>}
    </div>
  )
}
