import type { Principal } from '@sallyport/protocol'
import { createContext, use, useContext, useMemo } from 'react'
import { answerOf, type InitialSession, isPromise } from './initial-session.ts'

/** The session for scripts of the page. It never contains a token. */
export type ClientSession = {
  /** The signed-in user; null if nobody is signed in, and while `status` is `unknown`. */
  principal: Principal | null
  /**
   * `unknown` until the browser has read the session, if the page was rendered without `initial` or the server could not tell who
   * is signed in.
   */
  status: 'signedIn' | 'signedOut' | 'unknown'
  /** Signs out in all tabs of this browser. Rejects if the auth server could not be reached. */
  signOut(): Promise<void>
  /**
   * `fetch` for your own `/api` paths, without `basePath`. If pages and API share a parent domain, also for the API's own URL, with the
   * browser's cookies. After a 401 it renews the session once and sends the request again, with any method: your API must answer 401 only
   * before it changes anything. If the renewed session is another user's, it does not retry and returns the 401. Only one tab renews
   * at a time. The function never changes, so an effect may depend on it.
   */
  fetch(address: `/api/${string}` | `https://${string}`, init?: RequestInit): Promise<Response>
}

type ProvidedSession = Pick<ClientSession, 'signOut' | 'fetch'> & {
  initial: InitialSession | undefined
  /** What the browser has read after the server rendered; undefined before. */
  learned: Principal | null | undefined
}

export const SessionContext = createContext<ProvidedSession | null>(null)

/**
 * Returns the session of the nearest provider. If `initial` is a promise, the component suspends until it has settled: put a
 * `<Suspense>` around components that show the user.
 *
 * @throws Error if there is no {@link SessionProvider} above the component.
 */
export function useSession(): ClientSession {
  const provided = useContext(SessionContext)
  if (provided === null)
    throw new Error('useSession needs a <SessionProvider> above it. Add one to the layout.')
  const { initial, learned, signOut, fetch } = provided
  const principal = learned !== undefined ? learned : isPromise(initial) ? use(answerOf(initial)) : initial
  return useMemo(
    () => ({
      principal: principal ?? null,
      status: principal === undefined ? 'unknown' : principal === null ? 'signedOut' : 'signedIn',
      signOut,
      fetch,
    }),
    [principal, signOut, fetch],
  )
}
