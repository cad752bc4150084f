import { useSyncExternalStore } from 'react'

const never = () => () => {}

/** Whether scripts have taken over: false on the server and until then. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
}
