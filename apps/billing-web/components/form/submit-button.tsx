'use client'

import { LoaderCircle } from 'lucide-react'
import type { ReactNode } from 'react'
import { useFormStatus } from 'react-dom'
import { buttonStyle } from '../surface/button-style.ts'

/** Sends its form. While that is under way it turns instead of growing, keeps the focus, and cannot be sent twice. */
export function SubmitButton(props: {
  kind?: 'primary' | 'danger'
  size?: 'regular' | 'large'
  className?: string
  children: ReactNode
}) {
  const { pending } = useFormStatus()
  return (
    <button
      type="submit"
      aria-busy={pending}
      aria-disabled={pending}
      onClick={(event) => {
        if (pending) event.preventDefault()
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
