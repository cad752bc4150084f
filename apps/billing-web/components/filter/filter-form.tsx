'use client'

import { type ReactNode, useEffect, useLayoutEffect, useRef } from 'react'
import { addressOf } from '../../billing/query.ts'
import { useFilterScope } from './filter-scope.tsx'

/** Milliseconds after the last key before a search is sent. */
const typingPauseMs = 250

/**
 * A plain GET form, which works without JavaScript. With JavaScript, every change updates the list at once, and the URL
 * contains the filter.
 *
 * @param props.values The values of the URL, by field name; the fields follow it when the user goes back.
 */
export function FilterForm(props: {
  path: string
  label: string
  values: Record<string, string>
  children: ReactNode
}) {
  const { path, label, values, children } = props
  const { show } = useFilterScope()
  const form = useRef<HTMLFormElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  useEffect(() => () => clearTimeout(timer.current), [])

  // Before the paint, so that the filter and the list always match.
  useLayoutEffect(() => {
    for (const field of form.current?.elements ?? []) {
      const isOneOfOurs = field instanceof HTMLInputElement || field instanceof HTMLSelectElement
      if (!isOneOfOurs || !(field.name in values) || field === document.activeElement) continue
      const value = values[field.name] ?? ''
      if (field instanceof HTMLInputElement && field.type === 'radio') field.checked = field.value === value
      else field.value = value
    }
  }, [values])

  const showNow = () => {
    clearTimeout(timer.current)
    if (!form.current) return
    const chosen = [...new FormData(form.current)].filter(([, value]) => typeof value === 'string')
    show(addressOf(path, Object.fromEntries(chosen) as Record<string, string>))
  }

  return (
    <search aria-label={label}>
      <form
        ref={form}
        action={path}
        onSubmit={(event) => {
          event.preventDefault()
          showNow()
        }}
        onChange={(event) => {
          clearTimeout(timer.current)
          const isTyped = event.target instanceof HTMLInputElement && event.target.type !== 'radio'
          if (isTyped) timer.current = setTimeout(showNow, typingPauseMs)
          else showNow()
        }}
      >
        {children}
      </form>
    </search>
  )
}
