import type { Principal } from '@sallyport/protocol'
import { useRouter } from 'next/navigation.js'
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { browserPath } from '../paths/served-paths.ts'
import { listenToOtherTabs, tellOtherTabs } from './session-channel.ts'
import { askForSession, endSession, refreshSession, type SessionAnswer } from './session-requests.ts'

/** The session as the page's own scripts may know it: who, never with what. */
export type ClientSession = {
  principal: Principal | null
  /** `unknown` only on a page that was rendered without `initial`, until the first answer. */
  status: 'signedIn' | 'signedOut' | 'unknown'
  /** Signs out everywhere in this browser. Rejects if the auth server could not be told. */
  signOut(): Promise<void>
  /**
   * `fetch` for your own `/api` paths, without `basePath`, and where pages and API share a parent domain for the API's own address, to which the
   * browser's cookies go along: renews the session once when the answer is 401, and tries again, whatever the method: answer 401 only
   * before anything is done. One tab renews at a time. Always the same function: an effect may depend on it.
   */
  fetch(address: `/api/${string}` | `https://${string}`, init?: RequestInit): Promise<Response>
}

const SessionContext = createContext<ClientSession | null>(null)

/** Milliseconds between two looks at the session when a tab comes to the front. */
const lookAgainMs = 5_000

/**
 * Gives the pages below it the session. A comfort, not a guard: what a browser is shown is decided on the server.
 * Follows sign-in and sign-out in the browser's other tabs, and renders the page anew when the person has changed.
 *
 * @param props.initial The principal that the server rendered with; leave it out on a static page, and the browser asks.
 */
export function SessionProvider({
  initial,
  children,
}: {
  initial?: Principal | null
  children: ReactNode
}): ReactNode {
  const router = useRouter()
  const [principal, setPrincipal] = useState<Principal | null | undefined>(initial)
  const current = useRef(principal)
  const lookedAt = useRef(0)
  // Questions are numbered as they are asked: an answer that a younger one has overtaken is out of date.
  const asked = useRef(0)
  const believed = useRef(0)

  const accept = useCallback(
    (answer: SessionAnswer, question: number) => {
      if (answer.kind === 'unknown' || question < believed.current) return
      believed.current = question
      const before = current.current
      current.current = answer.principal
      setPrincipal(answer.principal)
      tellOtherTabs({ sessionId: answer.principal?.sessionId ?? null })
      if (before !== undefined && before?.sessionId !== answer.principal?.sessionId) router.refresh()
    },
    [router],
  )

  const look = useCallback(async () => {
    lookedAt.current = Date.now()
    const question = ++asked.current
    accept(await askForSession(), question)
  }, [accept])

  // The server has rendered anew: its word replaces ours.
  useEffect(() => {
    if (initial === undefined) return
    current.current = initial
    setPrincipal(initial)
    tellOtherTabs({ sessionId: initial?.sessionId ?? null })
  }, [initial])

  useEffect(() => {
    if (current.current === undefined) void look()
    const stop = listenToOtherTabs(({ sessionId }) => {
      if (sessionId !== (current.current?.sessionId ?? null)) void look()
    })
    const onShow = (event: Event) => {
      // A page out of the back-forward cache may be older than the sign-out.
      const restored = event instanceof PageTransitionEvent && event.persisted
      const due = document.visibilityState === 'visible' && Date.now() - lookedAt.current > lookAgainMs
      if (restored || (event.type !== 'pageshow' && due)) void look()
    }
    document.addEventListener('visibilitychange', onShow)
    window.addEventListener('pageshow', onShow)
    return () => {
      stop()
      document.removeEventListener('visibilitychange', onShow)
      window.removeEventListener('pageshow', onShow)
    }
  }, [look])

  const signOut = useCallback(async () => {
    const confirmed = await endSession()
    accept({ kind: 'known', principal: null }, ++asked.current)
    if (!confirmed)
      throw new Error(
        'Signed out in this browser, but the server could not be told. Try again when it is back.',
      )
  }, [accept])

  const fetchOwn = useCallback<ClientSession['fetch']>(
    async (address, init) => {
      const ask = () =>
        address.startsWith('/api/')
          ? fetch(browserPath(address), { credentials: 'same-origin', ...init })
          : fetch(address, { credentials: address[0] === '/' ? 'same-origin' : 'include', ...init })
      const response = await ask()
      if (response.status !== 401) return response
      const question = ++asked.current
      const answer = await refreshSession()
      accept(answer, question)
      return answer.kind === 'known' && answer.principal !== null ? ask() : response
    },
    [accept],
  )

  const session = useMemo<ClientSession>(
    () => ({
      principal: principal ?? null,
      status: principal === undefined ? 'unknown' : principal === null ? 'signedOut' : 'signedIn',
      signOut,
      fetch: fetchOwn,
    }),
    [principal, signOut, fetchOwn],
  )
  return <SessionContext value={session}>{children}</SessionContext>
}

/**
 * The session of the provider above.
 *
 * @throws Error when there is no {@link SessionProvider} above the component.
 */
export function useSession(): ClientSession {
  const session = useContext(SessionContext)
  if (session === null)
    throw new Error('useSession needs a <SessionProvider> above it. Put one into the layout.')
  return session
}
