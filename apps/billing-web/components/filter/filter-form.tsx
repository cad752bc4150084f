'use client'

import { type ReactNode, useEffect, useLayoutEffect, useRef } from 'react'
import { addressOf } from '../../billing/query.ts'
import { useFilterScope } from './filter-scope.tsx'

/** The time, in milliseconds, from the last key press until the search is sent. */
const typingPauseMs = 250

/**
 * The form of a filter. It is a plain GET form, so it works without JavaScript. With JavaScript, the list is updated after each change. The
 * URL contains the filter.
 *
 * @param props.values The values in the URL. The key is the name of the field. If the user goes back to an earlier URL, the fields get the
 * values of the earlier URL.
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

  // The fields are set before the paint, so that they always match the list.
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
