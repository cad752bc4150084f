import { createHash } from 'node:crypto'
import type { AuthServerClient, BrowserDetails } from './auth-server-client.ts'
import type { Tokens } from './session-cookies.ts'

/**
 * - `refreshed`: a new token pair.
 * - `ended`: the auth server answered that the session has ended; the cookies may be cleared.
 * - `unavailable`: the state of the session is unknown. It is kept.
 */
export type RefreshOutcome =
  | { kind: 'refreshed'; tokens: Tokens }
  | { kind: 'ended' }
  | { kind: 'unavailable' }

/**
 * `bypassCache` ignores answers to earlier requests, so that the new token includes a change that was just made. `insteadOf` ignores
 * this one answer.
 */
export type Refresher = (
  refreshToken: string,
  browser: BrowserDetails,
  options?: { bypassCache?: boolean; insteadOf?: Promise<RefreshOutcome> },
) => Promise<RefreshOutcome>

/** A refresher that can look up the outcome for a token. */
export type RememberingRefresher = Refresher & {
  /** Returns the pending or remembered outcome for this token in this process. */
  known(refreshToken: string): Promise<RefreshOutcome> | undefined
}

/** Options of {@link createRefresher}. */
export type RefresherOptions = {
  /** How long requests with the same token get the same answer, in milliseconds. Default: 3,000, well within the server's grace period. */
  rememberMs?: number
  /** The outcomes, by token. Default: a new map. */
  flights?: Flights
}

/** The outcome for each refresh token, by its hash. */
export type Flights = Map<string, Promise<RefreshOutcome>>

/**
 * Returns a refresher that sends one request at a time for each refresh token. Outcomes are keyed by the token's hash, so two users never
 * share one (compare CVE-2026-40155). The server tolerates concurrent refreshes; this only saves requests.
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
