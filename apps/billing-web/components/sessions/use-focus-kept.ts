import { type RefObject, useLayoutEffect, useRef } from 'react'

/**
 * For what may vanish while it holds the focus, as the row of a session does once that has ended, here or elsewhere. `onGone` is told
 * while it is still there; where the focus goes is for the list to say.
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
