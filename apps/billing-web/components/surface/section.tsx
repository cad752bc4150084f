import { type ReactNode, useId } from 'react'

/** A card with a heading. */
export function Section(props: {
  title: string
  /** The id of the section, for links to it. */
  id?: string
  note?: ReactNode
  action?: ReactNode
  className?: string
  children: ReactNode
}) {
  const headingId = useId()
  return (
    <section
      id={props.id}
      aria-labelledby={headingId}
      className={`card scroll-mt-20 lg:scroll-mt-10 ${props.className ?? ''}`}
    >
      <div className="flex min-h-14 items-center justify-between gap-4 px-5 py-3">
        <div>
          <h2 id={headingId} className="font-semibold text-[0.9375rem] tracking-tight">
            {props.title}
          </h2>
          {props.note && <p className="text-[0.8125rem] text-soft">{props.note}</p>}
        </div>
        {props.action}
      </div>
      {props.children}
    </section>
  )
}
