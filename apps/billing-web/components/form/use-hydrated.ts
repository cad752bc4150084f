import { useSyncExternalStore } from 'react'

const never = () => () => {}

/** Returns whether the page is hydrated. On the server and before hydration, it returns false. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
}
