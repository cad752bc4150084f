import type { Principal } from '@sallyport/protocol'
import { createContext, use, useContext, useMemo } from 'react'
import { answerOf, type InitialSession, isPromise } from './initial-session.ts'

/** The session as the page's own scripts may know it: who, never with what. */
export type ClientSession = {
  /** The signed-in user; null where nobody is signed in, and while `status` is `unknown`. */
  principal: Principal | null
  /**
   * `unknown` until the browser's first answer: on a page that was rendered without `initial`, and where the server could not tell who
   * is signed in.
   */
  status: 'signedIn' | 'signedOut' | 'unknown'
  /** Signs out everywhere in this browser. Rejects if the auth server could not be told. */
  signOut(): Promise<void>
  /**
   * `fetch` for your own `/api` paths, without `basePath`, and where pages and API share a parent domain for the API's own address, to which the
   * browser's cookies go along: renews the session once when the answer is 401, and tries again, whatever the method: answer 401 only
   * before anything is done. Where the renewed session is another user's, nothing is tried again and the 401 is returned. One tab renews
   * at a time. Always the same function: an effect may depend on it.
   */
  fetch(address: `/api/${string}` | `https://${string}`, init?: RequestInit): Promise<Response>
}

type ProvidedSession = Pick<ClientSession, 'signOut' | 'fetch'> & {
  initial: InitialSession | undefined
  /** What the browser has learned after the server rendered; undefined before. */
  learned: Principal | null | undefined
}

export const SessionContext = createContext<ProvidedSession | null>(null)

/**
 * Returns the session of the provider above. Where `initial` is a promise, the component suspends until it has settled: put a
 * `<Suspense>` around what shows the person.
 *
 * @throws Error when there is no {@link SessionProvider} above the component.
 */
export function useSession(): ClientSession {
  const provided = useContext(SessionContext)
  if (provided === null)
    throw new Error('useSession needs a <SessionProvider> above it. Put one into the layout.')
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
