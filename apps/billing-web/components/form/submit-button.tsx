'use client'

import { LoaderCircle } from 'lucide-react'
import type { ReactNode } from 'react'
import { useFormStatus } from 'react-dom'
import { buttonStyle } from '../surface/button-style.ts'

/**
 * Sends its form. While the form is being sent, the button shows a spinner of the same size, keeps the focus, and prevents a second submit.
 */
export function SubmitButton(props: {
  kind?: 'primary' | 'secondary' | 'danger'
  size?: 'regular' | 'large'
  className?: string
  /** The name and value that the button adds to the form. They are needed if the form has several buttons. */
  name?: string
  value?: string
  /** Whether the button is disabled for now. It stays visible and keeps the focus. */
  isIdle?: boolean
  children: ReactNode
}) {
  const { pending } = useFormStatus()
  return (
    <button
      type="submit"
      name={props.name}
      value={props.value}
      aria-busy={pending}
      aria-disabled={pending || props.isIdle}
      onClick={(event) => {
        if (pending || props.isIdle) event.preventDefault()
      }}
      className={`${buttonStyle(props.kind ?? 'primary', props.size)} ${props.className ?? ''}`}
    >
      <span className="grid place-items-center *:[grid-area:1/1]">
        <span className={`inline-flex items-center gap-1.5 ${pending ? 'opacity-0' : ''}`}>
          {props.children}
        </span>
        {pending && <LoaderCircle aria-hidden className="size-4.5 animate-spin" />}
      </span>
    </button>
  )
}
