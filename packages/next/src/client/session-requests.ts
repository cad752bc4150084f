import type { Principal } from '@sallyport/protocol'
import { browserPath } from '../paths/served-paths.ts'

/** What asking came to. `unknown`: the server could not be reached or could not tell, and nothing may be concluded. */
export type SessionAnswer = { kind: 'known'; principal: Principal | null } | { kind: 'unknown' }

/** Asks our own origin who is signed in. */
export async function askForSession(): Promise<SessionAnswer> {
  try {
    const response = await fetch(browserPath('/api/auth/session'), {
      credentials: 'same-origin',
      cache: 'no-store',
    })
    if (!response.ok) return { kind: 'unknown' }
    const { principal } = (await response.json()) as { principal: Principal | null }
    return { kind: 'known', principal }
  } catch {
    return { kind: 'unknown' }
  }
}

let refreshing: Promise<SessionAnswer> | null = null

/** Asks for fresh tokens, once for however many calls have just been refused. */
export function refreshSession(): Promise<SessionAnswer> {
  refreshing ??= oneTabAtATime().finally(() => {
    refreshing = null
  })
  return refreshing
}

const lockName = 'sallyport-refresh'

/** Milliseconds that a request may take, with all that it asks of others. */
const requestMs = 30_000

/** Two tabs that are refused at the same moment share one refresh: the second waits for the first, and then only asks. */
async function oneTabAtATime(): Promise<SessionAnswer> {
  // Not there on plain http, but for localhost.
  const { locks } = navigator as { locks?: LockManager }
  try {
    const first = locks
      ? await locks.request(lockName, { ifAvailable: true }, (lock) => lock && refresh())
      : await refresh()
    const signal = AbortSignal.timeout(requestMs)
    return first ?? (await navigator.locks.request(lockName, { mode: 'shared', signal }, askForSession))
  } catch {
    // No lock to be had here, or a tab that does not give it back. Two refreshes at once are no harm: the server gives both one answer.
    return refresh()
  }
}

async function refresh(): Promise<SessionAnswer> {
  try {
    const response = await post('/api/auth/refresh')
    if (response.status === 401) return { kind: 'known', principal: null }
    if (!response.ok) return { kind: 'unknown' }
    const { principal } = (await response.json()) as { principal: Principal }
    return { kind: 'known', principal }
  } catch {
    return { kind: 'unknown' }
  }
}

/** Ends the session. True if the auth server has confirmed it. */
export async function endSession(): Promise<boolean> {
  return (await post('/api/auth/logout')).ok
}

function post(path: string): Promise<Response> {
  return fetch(browserPath(path), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
    credentials: 'same-origin',
    cache: 'no-store',
    signal: AbortSignal.timeout(requestMs),
  })
}
