import { type RefObject, useEffect, useRef } from 'react'
import type { FormState } from './form-state.ts'

/**
 * Moves the focus to the first refused field. If there is no such field, moves the focus to the message above the form. If there is no
 * message either, and the form asks for the password or a code, moves the focus to that field. If the form has the link to the confirm page,
 * moves the focus to this link. Use the result as the form's `ref`.
 */
export function useFirstError({
  answers,
  isDone,
  asksPassword,
  asksCode,
  asksElsewhere,
}: FormState): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (answers === 0 || isDone) return
    const first =
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]') ??
      form.current?.querySelector<HTMLElement>('[role="alert"]') ??
      (asksPassword ? form.current?.querySelector<HTMLElement>('[name="password"]') : null) ??
      (asksCode ? form.current?.querySelector<HTMLElement>('[name="code"]') : null) ??
      (asksElsewhere ? form.current?.querySelector<HTMLElement>('a[href^="/confirm"]') : null)
    first?.focus()
  }, [answers, isDone, asksPassword, asksCode, asksElsewhere])
  return form
}
