import { createHash } from 'node:crypto'
import type { AuthServerClient, BrowserDetails } from './auth-server-client.ts'
import type { Tokens } from './session-cookies.ts'

/**
 * - `refreshed`: a fresh pair.
 * - `ended`: the auth server itself said that the session is over; the cookies may go.
 * - `unavailable`: nobody knows. The session is kept.
 */
export type RefreshOutcome =
  | { kind: 'refreshed'; tokens: Tokens }
  | { kind: 'ended' }
  | { kind: 'unavailable' }

/**
 * `bypassCache` takes no answer that was asked for before now: what has just changed must show in the new token. `insteadOf` takes any but
 * this one.
 */
export type Refresher = (
  refreshToken: string,
  browser: BrowserDetails,
  options?: { bypassCache?: boolean; insteadOf?: Promise<RefreshOutcome> },
) => Promise<RefreshOutcome>

/** A refresher that can be asked what has become of a token. */
export type RememberingRefresher = Refresher & {
  /** The answer that is on its way for this token in this process, or still handed out for it. */
  known(refreshToken: string): Promise<RefreshOutcome> | undefined
}

/** Of a refresher. */
export type RefresherOptions = {
  /** How long an answer is handed to those who come with the same token, in milliseconds. Default: 3,000, well inside the server's grace. */
  rememberMs?: number
  /** The answers by token. Default: a memory of its own. */
  flights?: Flights
}

/** What each refresh token has come to, by a hash of it. */
export type Flights = Map<string, Promise<RefreshOutcome>>

/**
 * One request at a time per refresh token, keyed by its hash so that no two people can share an answer
 * (CVE-2026-40155 elsewhere). The server's own rule would bear the race; this saves it the work.
 */
export function createRefresher(
  issuer: Pick<AuthServerClient, 'refresh'>,
  { rememberMs = 3_000, flights = new Map() }: RefresherOptions = {},
): RememberingRefresher {
  const keyOf = (refreshToken: string) => createHash('sha256').update(refreshToken).digest('base64url')
  const refresh: Refresher = (refreshToken, browser, { bypassCache = false, insteadOf } = {}) => {
    const key = keyOf(refreshToken)
    const known = flights.get(key)
    if (known && known !== insteadOf && !bypassCache) return known
    const flight = ask(issuer, refreshToken, browser)
    flights.set(key, flight)
    const forget = () => {
      if (flights.get(key) === flight) flights.delete(key)
    }
    void flight.then((outcome) => {
      if (outcome.kind !== 'refreshed') forget()
      else setTimeout(forget, rememberMs).unref()
    })
    return flight
  }
  return Object.assign(refresh, { known: (refreshToken: string) => flights.get(keyOf(refreshToken)) })
}

async function ask(
  issuer: Pick<AuthServerClient, 'refresh'>,
  refreshToken: string,
  browser: BrowserDetails,
): Promise<RefreshOutcome> {
  const answer = await issuer.refresh(refreshToken, browser)
  if (answer.ok) return { kind: 'refreshed', tokens: answer.tokens }
  const { code, status } = answer.problem
  return status === 401 && (code === 'session_ended' || code === 'token_invalid')
    ? { kind: 'ended' }
    : { kind: 'unavailable' }
}
