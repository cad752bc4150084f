import type { Access, Principal, Requirement } from '@sallyport/protocol'
import { createContext, use, useContext, useMemo } from 'react'
import { answerOf, type InitialSession, isPromise } from './initial-session.ts'

/** A role, a permission, or both. If a member is a list of names, the user needs only one of them. */
export type AskedNames<Defined extends Access = Access> = Pick<Requirement<Defined>, 'role' | 'permission'>

/** The session, for client components. It never contains a token. */
export type ClientSession<Defined extends Access = Access> = {
  /** The signed-in user. Null if nobody is signed in, and also while `status` is `unknown`. */
  principal: Principal | null
  /**
   * Whether somebody is signed in. If the page was rendered without `initial`, or if the server could not find out who is signed in, the
   * value is `unknown` until the browser has read the session.
   */
  status: 'signedIn' | 'signedOut' | 'unknown'
  /**
   * Returns whether the user has the role or permission, for example to disable a field. This is not an access check. If nobody is signed
   * in, or if the role or permission is undefined or empty, the result is false.
   */
  can(asked: AskedNames<Defined>): boolean
  /**
   * Signs the user out in all tabs of this browser. If the auth server does not confirm that the session has ended, the promise rejects.
   */
  signOut(): Promise<void>
  /**
   * Works like `fetch`, for your own `/api` paths without `basePath`. If pages and API have a common parent domain, you can also give the
   * API's own URL. The browser then sends its cookies to that URL. After a 401, this function renews the session once and sends the request
   * again, with any method. So your API must answer 401 only before it changes anything. If the renewed session belongs to another user,
   * the request is not sent again, and the 401 is returned. Only one tab renews at a time. The function is the same in every render, so an
   * effect may depend on it.
   */
  fetch(address: `/api/${string}` | `https://${string}`, init?: RequestInit): Promise<Response>
}

type ProvidedSession = Pick<ClientSession, 'signOut' | 'fetch'> & {
  initial: InitialSession | undefined
  /** The session that the browser has read since the server last rendered the page. Undefined if the browser has not read it since then. */
  learned: Principal | null | undefined
}

export const SessionContext = createContext<ProvidedSession | null>(null)

/**
 * Returns the session of the nearest provider. If `initial` is a promise, the component suspends until the promise has settled. So put a
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
      can: (asked) => principal != null && hasAsked(principal, asked),
      status: principal === undefined ? 'unknown' : principal === null ? 'signedOut' : 'signedIn',
      signOut,
      fetch,
    }),
    [principal, signOut, fetch],
  )
}

/** If nothing is asked for, or if a name is undefined or empty, the result is false, because a name was probably misspelt. */
function hasAsked(principal: Principal, asked: AskedNames): boolean {
  const given = (['role', 'permission'] as const).filter((name) => name in asked)
  const has = (name: 'role' | 'permission') =>
    [asked[name]].flat().some((one) => principal[`${name}s`].includes(one as string))
  return given.length > 0 && given.every(has)
}
