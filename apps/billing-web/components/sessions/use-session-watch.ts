'use client'

import { useSession } from '@sallyport/next/client'
import { useRouter } from 'next/navigation'
import { startTransition, useEffect, useEffectEvent, useRef, useState } from 'react'
import { listSignature } from '../../session/list-signature.ts'

/** The time between two requests while the page is visible, in milliseconds. */
const lookAgainMs = 10_000
/** The time, in milliseconds, after which relative times such as `5 minutes ago` are rendered again. */
const outdatedMs = 60_000

/**
 * Requests the list of the user's sessions regularly. If the list has changed, renders the page again. If a request fails, the page only
 * shows that the list may be out of date.
 *
 * @returns Whether the last request succeeded.
 * @param props.shown The signature of the list on the page. Empty if there is no list.
 * @param props.renderedAtMs The time at which the server rendered the list.
 */
export function useSessionWatch({ shown, renderedAtMs }: { shown: string; renderedAtMs: number }) {
  const session = useSession()
  const router = useRouter()
  /**
   * If the last request has failed, this is the `renderedAtMs` that the page had at that time. Otherwise it is null. If `renderedAtMs` has
   * changed since, the page has been rendered again, and its list is up to date.
   */
  const [stuckAtMs, setStuckAtMs] = useState<number | null>(null)
  const isAsking = useRef(false)
  const renderedHereAt = useRef(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: for each new rendering, this stores when it arrived by the browser's clock
  useEffect(() => {
    renderedHereAt.current = Date.now()
  }, [renderedAtMs])

  const look = useEffectEvent(async () => {
    if (document.visibilityState !== 'visible' || isAsking.current) return
    isAsking.current = true
    const listed = await ask()
    isAsking.current = false
    setStuckAtMs(listed === null ? renderedAtMs : null)
    const isOutdated = Date.now() - renderedHereAt.current > outdatedMs
    if (listed !== null && (listed !== shown || isOutdated)) startTransition(() => router.refresh())
  })

  const ask = async (): Promise<string | null> => {
    try {
      const answer = await session.fetch('/api/auth/sessions', { cache: 'no-store' })
      if (!answer.ok) return null
      const { sessions } = (await answer.json()) as { sessions: { id: string; lastUsedAt: number }[] }
      return listSignature(sessions)
    } catch {
      return null
    }
  }

  useEffect(() => {
    const onLook = () => void look()
    const timer = setInterval(onLook, lookAgainMs)
    document.addEventListener('visibilitychange', onLook)
    window.addEventListener('focus', onLook)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', onLook)
      window.removeEventListener('focus', onLook)
    }
  }, [])

  return { isCurrent: stuckAtMs !== renderedAtMs }
}
