'use client'

import { useEffect } from 'react'

/** Removes the notice from the URL, so that a reload or a shared link does not show it again. */
export function ForgetNotice() {
  useEffect(() => {
    const url = new URL(location.href)
    url.searchParams.delete('notice')
    history.replaceState(history.state, '', url)
  }, [])
  return null
}
