'use client'

import { type ReactNode, useEffect, useRef } from 'react'

/**
 * The heading of an entry page or of one of its steps. If a step is shown after a response, its heading gets the focus, so that screen
 * readers read it.
 */
export function EntryHeading(props: {
  title: string
  note: ReactNode
  icon?: ReactNode
  takesFocus?: boolean
}) {
  const { title, note, icon, takesFocus = false } = props
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (takesFocus) heading.current?.focus()
  }, [takesFocus])
  return (
    <>
      {icon && (
        <span
          aria-hidden
          className="mb-4 grid size-11 place-items-center rounded-full bg-sunken text-soft *:size-5"
        >
          {icon}
        </span>
      )}
      <h1
        ref={heading}
        tabIndex={takesFocus ? -1 : undefined}
        className="font-semibold text-2xl tracking-tight outline-none"
      >
        {title}
      </h1>
      <p className="mt-1 mb-6 text-pretty text-soft">{note}</p>
    </>
  )
}
