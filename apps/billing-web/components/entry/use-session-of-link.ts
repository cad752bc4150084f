import { useRouter } from 'next/navigation'
import { useEffect } from 'react'

/**
 * Renders a page of a mailed link again if it was rendered for a visitor who is not signed in. With the click in a mailbox, the browser does
 * not send the cookies of the session, because the click comes from another site. With the second request, it sends them.
 */
export function useSessionOfLink(isSignedIn: boolean): void {
  const router = useRouter()
  useEffect(() => {
    if (!isSignedIn) router.refresh()
  }, [isSignedIn, router])
}
