'use client'

import { useEffect } from 'react'

/** Takes the notice out of the address, so that a reload or a shared link does not tell it again. */
export function ForgetNotice() {
  useEffect(() => {
    const url = new URL(location.href)
    url.searchParams.delete('notice')
    history.replaceState(history.state, '', url)
  }, [])
  return null
}
