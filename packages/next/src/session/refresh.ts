import { createHash } from 'node:crypto'
import type { AuthServerClient, BrowserDetails } from './auth-server-client.ts'
import type { Tokens } from './session-cookies.ts'

/**
 * The result of a refresh.
 * - `refreshed`: there is a new token pair.
 * - `ended`: the auth server answered that the session has ended. The cookies may be cleared.
 * - `unavailable`: it is unknown whether the session is still valid. The cookies must be kept.
 */
export type RefreshOutcome =
  | { kind: 'refreshed'; tokens: Tokens }
  | { kind: 'ended' }
  | { kind: 'unavailable' }

/**
 * Exchanges a refresh token. With `bypassCache`, the answers to earlier requests are ignored, so that the new token includes a change that
 * was just made. With `insteadOf`, only this one answer is ignored.
 */
export type Refresher = (
  refreshToken: string,
  browser: BrowserDetails,
  options?: { bypassCache?: boolean; insteadOf?: Promise<RefreshOutcome> },
) => Promise<RefreshOutcome>

/** A refresher that can also look up the outcome for a token. */
export type RememberingRefresher = Refresher & {
  /** Returns the outcome for this token, if this process is exchanging it or still remembers the outcome. */
  known(refreshToken: string): Promise<RefreshOutcome> | undefined
}

/** Options of {@link createRefresher}. */
export type RefresherOptions = {
  /**
   * The time, in milliseconds, for which requests with the same token get the same answer. Default: 3,000. This is shorter than the
   * server's grace period, in which the server accepts the same refresh token again.
   */
  rememberMs?: number
  /** The map in which the outcomes are stored. Default: a new map. */
  flights?: Flights
}

/** The outcome for each refresh token. The key is the hash of the token. */
export type Flights = Map<string, Promise<RefreshOutcome>>

/**
 * Returns a refresher that sends one request at a time for each refresh token. The key of an outcome is the token's hash, so two users
 * never get the same outcome (compare CVE-2026-40155). The server allows several refreshes at the same time. The refresher only saves
 * requests.
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
