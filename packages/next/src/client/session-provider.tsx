import type { Principal } from '@sallyport/protocol'
import { usePathname, useRouter } from 'next/navigation.js'
import { type ReactNode, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { answerOf, type InitialSession, isPromise } from './initial-session.ts'
import { fetchOwn, type Sender } from './own-fetch.ts'
import { listenToOtherTabs, onCookieChange, sessionMark, tellOtherTabs, whoIs } from './session-changes.ts'
import { type ClientSession, SessionContext } from './session-context.ts'
import { askForSession, endSession, refreshSession, type SessionAnswer } from './session-requests.ts'

/** A time in milliseconds. When a tab becomes visible, the session is checked only if the last check was longer ago than this. */
const lookAgainMs = 5_000

/**
 * Provides the session to the components below it. This is not an access check, which only the server can do. The provider notices a
 * sign-in or sign-out in another tab. If the user has changed, it renders the page again.
 *
 * @param props.initial Who is signed in. Pass `auth()` without `await`. Then the layout stays static, and only components that call
 * `useSession` wait, each in its own `<Suspense>`. You can also pass the principal itself. On a static page, leave `initial` out. Then the
 * browser reads the session.
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
  // Requests are numbered, so that the answer to an older request does not replace the answer to a newer one.
  const asked = useRef(0)
  const believed = useRef(0)
  /** The value of `sessionMark()` at the start of the last request. */
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
      // The page was rendered for another user or for other roles, so it is rendered again.
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
      // During this request, the server may have sent a new page. The server may have begun to render it before the session changed. If the
      // page and this answer show different users, the session is read again.
      isDoubtful =
        question < believed.current &&
        answer.kind === 'known' &&
        whoIs(answer.principal) !== whoIs(current.current)
      accept(answer, question)
    }
  }, [accept])

  /**
   * Checks the session if the last check is too old, or if `sessionMark()` has changed since that check. A hidden page checks the session
   * when the page becomes visible.
   */
  const lookIf = useCallback(
    (olderThanMs: number) => {
      // If the clock was set back, the last check counts as old.
      const isOld = Math.abs(Date.now() - lookedAt.current) > olderThanMs
      if (document.visibilityState === 'visible' && (isOld || sessionMark() !== mark.current)) void look()
    },
    [look],
  )
  const lookIfMarked = useCallback(() => lookIf(Number.POSITIVE_INFINITY), [lookIf])

  // If the server renders the page again, its `initial` replaces the answers to earlier requests.
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
      // If the browser restored the page from its back-forward cache, the user may have signed out since it was rendered.
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
        'Signed out in this browser. The server did not answer, so the session may still be open.',
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
      // If the server has rendered the page again since `learned` was set, the new `initial` is used instead.
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

/**
 * Calls `onChange` when the path changes. If the path has parameters, Next suspends the component that reads the path. So this component is
 * separate from the provider.
 */
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
