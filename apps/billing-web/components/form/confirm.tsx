'use client'

import { type ReactNode, useRef } from 'react'
import { buttonStyle } from '../surface/button-style.ts'
import { Alert } from '../surface/notice.tsx'

/**
 * A button. If it is pressed, a question for confirmation opens at the same place. It is a `<details>`, so that it works before scripts
 * have loaded. Only one such question on a page can be open. The opened part contains the form.
 */
export function Confirm(props: {
  label: string
  /** A label for screen readers. It names the table row of the button, because users of screen readers do not see the row. */
  about?: string
  buttonClassName?: string
  question?: ReactNode
  /** Whether the question is open when the page is loaded. */
  isOpen?: boolean
  /** The error of the last attempt. */
  problem?: string | null
  children: ReactNode
}) {
  const { label, about, buttonClassName = '', question, problem, isOpen = false, children } = props
  const details = useRef<HTMLDetailsElement>(null)
  const aboutWhat = about && <span className="sr-only"> {about}</span>
  return (
    <details
      ref={details}
      name="confirm"
      open={problem || isOpen ? true : undefined}
      className="group"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !details.current?.open) return
        details.current.open = false
        details.current.querySelector('summary')?.focus()
      }}
    >
      <summary className={`${buttonStyle('secondary', 'small')} ${buttonClassName}`}>
        <span className="group-open:hidden">
          {label}
          {aboutWhat}
        </span>
        <span className="hidden group-open:inline">
          Cancel
          {aboutWhat}
        </span>
      </summary>
      <div className="mt-3.5 flex flex-wrap items-center justify-between gap-x-4 gap-y-3 rounded-lg bg-sunken px-4 py-3">
        {problem && (
          <div className="basis-full">
            <Alert>{problem}</Alert>
          </div>
        )}
        {question && <p className="min-w-0 flex-1 basis-56 text-pretty">{question}</p>}
        {children}
      </div>
    </details>
  )
}
