import type { ReactNode } from 'react'

/** Key figures side by side in one card. */
export function FigurePanel({ columns, children }: { columns: 3 | 4; children: ReactNode }) {
  return (
    <dl
      className={`card grid grid-cols-1 overflow-hidden *:-mt-px *:-ml-px *:border-line *:border-t *:border-l sm:grid-cols-2 ${columns === 4 ? 'xl:grid-cols-4' : 'sm:grid-cols-3'}`}
    >
      {children}
    </dl>
  )
}

/** One figure: what it is, how much, and what that means. */
export function Figure({ label, value, children }: { label: string; value: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col px-5 py-4.5">
      <dt className="text-soft">{label}</dt>
      <dd className="mt-1">
        <span className="numeric block font-semibold text-[1.625rem] leading-9 tracking-[-0.02em]">
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
