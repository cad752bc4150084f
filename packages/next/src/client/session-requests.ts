import type { Principal } from '@sallyport/protocol'
import { browserPath } from '../paths/served-paths.ts'

/** The result of reading the session. `unknown`: the server could not be reached, or could not verify the session. */
export type SessionAnswer = { kind: 'known'; principal: Principal | null } | { kind: 'unknown' }

/** Asks the server of this page who is signed in. */
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

/** Refreshes the session. If several requests were refused at the same time, they share one refresh. */
export function refreshSession(): Promise<SessionAnswer> {
  refreshing ??= oneTabAtATime().finally(() => {
    refreshing = null
  })
  return refreshing
}

const lockName = 'sallyport-refresh'

/**
 * The maximum duration of a request, in milliseconds. During this time, the server of this page also sends a request to the auth server.
 */
const requestMs = 30_000

/** Shares one refresh between all tabs. If another tab is refreshing, this tab waits for it and then only reads the session. */
async function oneTabAtATime(): Promise<SessionAnswer> {
  // Browsers have no `locks` on plain http, except on localhost.
  const { locks } = navigator as { locks?: LockManager }
  try {
    const first = locks
      ? await locks.request(lockName, { ifAvailable: true }, (lock) => lock && refresh())
      : await refresh()
    const signal = AbortSignal.timeout(requestMs)
    return first ?? (await navigator.locks.request(lockName, { mode: 'shared', signal }, askForSession))
  } catch {
    // The lock is not available, or another tab does not release it. So this tab refreshes without the lock. Two refreshes at the same time
    // are safe, because the server gives both the same answer.
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

/** Ends the session. Returns true if the auth server has confirmed the end. */
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
