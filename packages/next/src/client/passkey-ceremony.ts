import type { Problem } from '@sallyport/protocol'
import { WebAuthnAbortService } from '@simplewebauthn/browser'
import { browserPath } from '../paths/served-paths.ts'

/**
 * The result of a function for passkeys. Nothing is thrown. If `ok` is false, `reason` says why:
 *
 * - `unsupported`: this browser or this page cannot use passkeys.
 * - `cancelled`: the user has cancelled, there is no passkey, `signal` was aborted, or another call has begun.
 * - `timed_out`: the user has not answered in time.
 * - `exists`: this device has a passkey of the user already.
 * - `unavailable`: the server did not answer. Try again.
 * - `refused`: the server has refused. `problem` says why.
 */
export type PasskeyResult<T = unknown> =
  | ({ ok: true } & T)
  | { ok: false; reason: 'unsupported' | 'cancelled' | 'timed_out' | 'exists' | 'unavailable' }
  | { ok: false; reason: 'refused'; problem: Problem }

/** The options of every function that asks the user for a passkey. */
export type PasskeyOptions = {
  /** Cancels the call, for example when the component is removed. */
  signal?: AbortSignal
  /** How long the user may take, in milliseconds. Default: five minutes. */
  timeoutMs?: number
}

type Failure = Extract<PasskeyResult, { ok: false }>

/** The maximum duration of a request, in milliseconds. During this time, the server of this page also sends a request to the auth server. */
const requestMs = 30_000

/** Sends a request to the routes of this app. */
export async function send<T>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body: object | null,
  signal: AbortSignal | undefined,
): Promise<PasskeyResult<{ body: T; status: number }>> {
  const limit = AbortSignal.timeout(requestMs)
  try {
    const response = await fetch(browserPath(path), {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    })
    const json: unknown = response.status === 204 ? {} : await response.json()
    if (response.ok) return { ok: true, body: json as T, status: response.status }
    return isProblem(json) && json.code !== 'unavailable'
      ? { ok: false, reason: 'refused', problem: json }
      : { ok: false, reason: 'unavailable' }
  } catch {
    return { ok: false, reason: signal?.aborted ? 'cancelled' : 'unavailable' }
  }
}

function isProblem(json: unknown): json is Problem {
  return typeof json === 'object' && json !== null && 'code' in json && 'title' in json
}

/**
 * Asks the user, and waits at most `timeoutMs`. Some browsers never end the dialog themselves, for example Chromium without an
 * authenticator, so the time is limited here too.
 */
export async function ask<T>(
  dialog: () => Promise<T>,
  { signal, timeoutMs = 300_000 }: PasskeyOptions,
): Promise<PasskeyResult<{ answer: T }>> {
  const limit = AbortSignal.timeout(timeoutMs)
  const end = signal ? AbortSignal.any([signal, limit]) : limit
  if (end.aborted) return { ok: false, reason: 'cancelled' }
  let stop = () => {}
  const ended = new Promise<never>((_, reject) => {
    stop = () => reject(end.reason)
    end.addEventListener('abort', stop)
  })
  try {
    return { ok: true, answer: await Promise.race([dialog(), ended]) }
  } catch (error) {
    if (end.aborted) {
      // This also ends the dialog of the browser.
      WebAuthnAbortService.cancelCeremony()
      return { ok: false, reason: signal?.aborted ? 'cancelled' : 'timed_out' }
    }
    return { ok: false, reason: reasonOf(error) }
  } finally {
    end.removeEventListener('abort', stop)
  }
}

function reasonOf(error: unknown): Exclude<Failure['reason'], 'refused'> {
  const name = error instanceof Error ? error.name : ''
  if (name === 'InvalidStateError') return 'exists'
  // Browsers report that the user has cancelled, and that there is no passkey, in the same way.
  if (name === 'NotAllowedError' || name === 'AbortError') return 'cancelled'
  return 'unsupported'
}
