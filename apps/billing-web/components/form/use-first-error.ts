import { type RefObject, useEffect, useRef } from 'react'
import type { FormState } from './form-state.ts'

/**
 * Moves the focus to the first refused field. If there is none, moves it to the message above the form. Use the result as the form's `ref`.
 */
export function useFirstError({ answers, isDone }: FormState): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (answers === 0 || isDone) return
    const first =
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]') ??
      form.current?.querySelector<HTMLElement>('[role="alert"]')
    first?.focus()
  }, [answers, isDone])
  return form
}
