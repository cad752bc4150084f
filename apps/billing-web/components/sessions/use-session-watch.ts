'use client'

import { useSession } from '@sallyport/next/client'
import { useRouter } from 'next/navigation'
import { startTransition, useEffect, useEffectEvent, useRef, useState } from 'react'
import { listSignature } from '../../session/list-signature.ts'

/** Milliseconds between two looks while the page can be seen. */
const lookAgainMs = 10_000
/** Milliseconds after which `5 minutes ago` is written anew although nothing else has changed. */
const outdatedMs = 60_000

/**
 * Follows what happens elsewhere: asks for the list, and has the page rendered anew when it is another one. An answer that does not
 * come changes nothing on the page but the word that it may be out of date.
 *
 * @returns Whether the list is up to date, as far as can be told.
 * @param props.shown The signature of the list on the page; empty while there is none.
 * @param props.renderedAtMs When the server rendered it.
 */
export function useSessionWatch({ shown, renderedAtMs }: { shown: string; renderedAtMs: number }) {
  const session = useSession()
  const router = useRouter()
  /** The rendering that could not be followed up; a newer one speaks for itself. */
  const [stuckAtMs, setStuckAtMs] = useState<number | null>(null)
  const isAsking = useRef(false)
  const renderedHereAt = useRef(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: counted by this browser's own clock, from when the rendering came
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
