import type { ReactNode } from 'react'

/** Key figures side by side in one card. */
export function FigurePanel({ columns, children }: { columns: 3 | 4; children: ReactNode }) {
  return (
    <dl
      className={`card grid overflow-hidden *:-mt-px *:-ml-px *:border-line *:border-t *:border-l ${columns === 4 ? 'grid-cols-2 xl:grid-cols-4' : 'sm:grid-cols-3'}`}
    >
      {children}
    </dl>
  )
}

/** One figure: label, value and explanation. */
export function Figure({ label, value, children }: { label: string; value: string; children?: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col px-4 py-4 sm:px-5 sm:py-4.5">
      <dt className="text-soft">{label}</dt>
      <dd className="mt-1">
        <span className="numeric block font-semibold text-[1.375rem] leading-8 sm:text-[1.625rem] sm:leading-9 tracking-[-0.02em]">
          {value}
        </span>
        {children && (
          <span className="mt-1 flex min-h-5 flex-wrap items-center gap-x-2 text-[0.8125rem] text-soft">
            {children}
          </span>
        )}
      </dd>
    </div>
  )
}
