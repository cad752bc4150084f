import { type RefObject, useLayoutEffect, useRef } from 'react'

/**
 * Use this for an element that may be removed while it has the focus, such as the row of an ended session. `onGone` is called before the
 * element is removed. It must move the focus.
 */
export function useFocusKept<T extends HTMLElement>(onGone: () => void): RefObject<T | null> {
  const element = useRef<T>(null)
  const latest = useRef(onGone)
  useLayoutEffect(() => {
    latest.current = onGone
  })
  useLayoutEffect(() => {
    const node = element.current
    return () => {
      if (node?.contains(document.activeElement)) latest.current()
    }
  }, [])
  return element
}
