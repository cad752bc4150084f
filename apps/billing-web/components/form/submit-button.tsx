'use client'

import { LoaderCircle } from 'lucide-react'
import type { ReactNode } from 'react'
import { useFormStatus } from 'react-dom'
import { buttonStyle } from '../surface/button-style.ts'

/** Sends its form. While that is under way it turns instead of growing, keeps the focus, and cannot be sent twice. */
export function SubmitButton(props: {
  kind?: 'primary' | 'secondary' | 'danger'
  size?: 'regular' | 'large'
  className?: string
  /** What it adds to the form, where that has several buttons. */
  name?: string
  value?: string
  /** It cannot be pressed for now, and keeps its place and the focus. */
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
