import type { Principal } from '@sallyport/protocol'
import { usePathname, useRouter } from 'next/navigation.js'
import { type ReactNode, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { answerOf, type InitialSession, isPromise } from './initial-session.ts'
import { fetchOwn, type Sender } from './own-fetch.ts'
import { listenToOtherTabs, onCookieChange, sessionMark, tellOtherTabs, whoIs } from './session-changes.ts'
import { type ClientSession, SessionContext } from './session-context.ts'
import { askForSession, endSession, refreshSession, type SessionAnswer } from './session-requests.ts'

/** Milliseconds between two looks at the session when a tab comes to the front. */
const lookAgainMs = 5_000

/**
 * Gives the pages below it the session. A comfort, not a guard: what a browser is shown is decided on the server.
 * Follows sign-in and sign-out in the browser's other tabs, and renders the page anew when the person has changed.
 *
 * @param props.initial Who is signed in, as the server knows it: `auth()` without `await`, so that the layout stays static and only
 * what calls `useSession` waits, each in its own `<Suspense>`; or the principal itself. Leave it out on a static page, and the browser
 * asks.
 * @example
 * // app/layout.tsx
 * <SessionProvider initial={auth()}>{children}</SessionProvider>
 */
export function SessionProvider({
  initial,
  children,
}: {
  initial?: InitialSession
  children: ReactNode
}): ReactNode {
  const router = useRouter()
  const [learned, setLearned] = useState<{ after: InitialSession | undefined; principal: Principal | null }>()
  const rendered = useRef(initial)
  const current = useRef<Principal | null | undefined>(undefined)
  const lookedAt = useRef(0)
  // Questions are numbered as they are asked: an answer that a younger one has overtaken is out of date.
  const asked = useRef(0)
  const believed = useRef(0)
  /** The mark as it was when this page last began to ask. */
  const mark = useRef<string>(undefined)

  const accept = useCallback(
    (answer: SessionAnswer, question: number) => {
      if (answer.kind === 'unknown' || question < believed.current) return
      believed.current = question
      const before = current.current
      const { principal } = answer
      current.current = principal
      setLearned({ after: rendered.current, principal })
      if (before !== undefined && whoIs(before) === whoIs(principal)) return
      tellOtherTabs(whoIs(principal))
      // What the server has rendered is for somebody else, or for other roles.
      if (before !== undefined) router.refresh()
    },
    [router],
  )

  const look = useCallback(async () => {
    for (let isDoubtful = true; isDoubtful; ) {
      lookedAt.current = Date.now()
      mark.current = sessionMark()
      const question = ++asked.current
      const answer = await askForSession()
      // A rendering that came meanwhile may have been begun before the session changed. Where the two differ, ask again.
      isDoubtful =
        question < believed.current &&
        answer.kind === 'known' &&
        whoIs(answer.principal) !== whoIs(current.current)
      accept(answer, question)
    }
  }, [accept])

  /** Looks if the last look is so old, or cookies have changed since. Not on a hidden page: it looks when it is shown. */
  const lookIf = useCallback(
    (olderThanMs: number) => {
      // A clock that was put back makes no look a young one.
      const isOld = Math.abs(Date.now() - lookedAt.current) > olderThanMs
      if (document.visibilityState === 'visible' && (isOld || sessionMark() !== mark.current)) void look()
    },
    [look],
  )
  const lookIfMarked = useCallback(() => lookIf(Number.POSITIVE_INFINITY), [lookIf])

  // The server has rendered anew, which is worth more than answers to questions that were asked before.
  useEffect(() => {
    rendered.current = initial
    if (initial === undefined) return
    const question = ++asked.current
    believed.current = question
    const settle = (principal: Principal | null | undefined) => {
      if (rendered.current !== initial || believed.current !== question) return
      if (principal === undefined) return void look()
      current.current = principal
      tellOtherTabs(whoIs(principal))
    }
    if (isPromise(initial)) void answerOf(initial).then(settle)
    else settle(initial)
  }, [initial, look])

  useEffect(() => {
    mark.current = sessionMark()
    if (rendered.current === undefined) void look()
    const stops = [
      onCookieChange(lookIfMarked),
      listenToOtherTabs((who) => {
        if (who !== whoIs(current.current)) void look()
      }),
    ]
    const onShow = (event: Event) => {
      // A page out of the back-forward cache may be older than the sign-out.
      if (event instanceof PageTransitionEvent && event.persisted) void look()
      else if (event.type !== 'pageshow') lookIf(lookAgainMs)
    }
    document.addEventListener('visibilitychange', onShow)
    window.addEventListener('pageshow', onShow)
    return () => {
      for (const stop of stops) stop()
      document.removeEventListener('visibilitychange', onShow)
      window.removeEventListener('pageshow', onShow)
    }
  }, [look, lookIf, lookIfMarked])

  const signOut = useCallback(async () => {
    const confirmed = await endSession()
    accept({ kind: 'known', principal: null }, ++asked.current)
    if (!confirmed)
      throw new Error(
        'Signed out in this browser, but the server could not be told. Try again when it is back.',
      )
  }, [accept])

  const sender = useMemo<Sender>(
    () => ({
      shown: () => current.current,
      async renew() {
        const question = ++asked.current
        const answer = await refreshSession()
        accept(answer, question)
        return answer
      },
      onForbidden: () => lookIf(lookAgainMs),
    }),
    [accept, lookIf],
  )
  const fetchAsSender = useCallback<ClientSession['fetch']>((...sent) => fetchOwn(sender, ...sent), [sender])

  const provided = useMemo(
    () => ({
      initial,
      // A newer rendering replaces what was learned before it.
      learned: learned?.after === initial ? learned?.principal : undefined,
      signOut,
      fetch: fetchAsSender,
    }),
    [initial, learned, signOut, fetchAsSender],
  )
  return (
    <SessionContext value={provided}>
      <Suspense>
        <Navigation onChange={lookIfMarked} />
      </Suspense>
      {children}
    </SessionContext>
  )
}

/** A component of its own: where the path has parameters, Next waits for it, and nothing else should. */
function Navigation({ onChange }: { onChange: () => void }): ReactNode {
  const pathname = usePathname()
  const known = useRef(pathname)
  useEffect(() => {
    if (known.current === pathname) return
    known.current = pathname
    onChange()
  }, [pathname, onChange])
  return null
}
