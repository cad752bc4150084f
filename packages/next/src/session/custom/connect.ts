import type { Config } from '../../config/config.ts'
import type { CustomIssuer } from '../../config/custom-issuer.ts'
import type { Answered, BeginningEndpoint } from '../auth-server-answer.ts'
import type { AuthServerClient, BrowserDetails } from '../auth-server-client.ts'
import type { Connection } from '../connection.ts'
import { createRefresher, type RefreshOutcome } from '../refresh.ts'
import type { Tokens } from '../session-cookies.ts'
import type { BackendMemory } from './backend-memory.ts'
import { nameOfToken } from './backend-memory.ts'
import { createSend } from './send.ts'
import { createSharedRefreshes, failed } from './shared-refreshes.ts'
import { createTokenIssuer, refused } from './token-issuer.ts'
import { createCustomVerifier } from './verifier.ts'

/**
 * The time, in milliseconds, for which the answer to a refresh is also returned to other requests with the same refresh token. Most custom
 * backends accept a refresh token only once, without a grace period for a second use. So if the browser did not receive the response, it
 * can get the tokens only during this time.
 */
const rememberMs = 10_000

/** The browser details for a check that several requests share. They are empty, because the check does not belong to one browser. */
const nobody = { address: null, userAgent: null, requestId: null, device: null }

/** Connects a config to a custom issuer. `memory` is shared by all configs for the same backend. */
export function connectCustom(
  custom: CustomIssuer,
  { serverTimeoutMs, access }: Pick<Config, 'serverTimeoutMs' | 'access'>,
  memory: BackendMemory,
): Connection {
  const sendFor = (browser: Parameters<typeof createSend>[2]) =>
    createSend(custom.url, serverTimeoutMs, browser)
  const verifier = createCustomVerifier(custom, sendFor(nobody), memory, Date.now, access)
  // If the backend has no refresh, a refused token is not marked, because it could not be renewed. Many APIs also send 401 for other
  // reasons.
  const outdate = custom.refresh ? verifier.outdate : () => {}
  const issuer = createTokenIssuer({ custom, sendFor, verify: verifier.verify, outdate })
  const shared = custom.refreshStore
    ? createSharedRefreshes({
        store: custom.refreshStore,
        origin: custom.url.origin,
        refresh: issuer.refresh,
        isOutdated: verifier.isOutdated,
        rememberMs,
        // This time is longer than the backend's timeout. So no second refresh is sent while the first one may still be answered.
        claimMs: serverTimeoutMs + 5_000,
      })
    : null
  const refresher = createRefresher(shared ?? issuer, { rememberMs, flights: memory.flights })
  // Sign-outs are remembered here. If the custom issuer has no `logout`, or during an outage, the backend does not get the sign-out and
  // would still accept the token.
  const { signedOut } = memory
  const isSignedOut = async (refreshToken: string) =>
    signedOut.has(nameOfToken(refreshToken)) || ((await shared?.isSignedOut(refreshToken)) ?? false)
  async function noteSignOut(refreshToken: string): Promise<void> {
    signedOut.add(nameOfToken(refreshToken))
    await shared?.noteSignOut(refreshToken, true)
  }

  /** Returns the tokens that were issued for a refresh token, in this process or at another instance. */
  async function successorOf(
    refreshToken: string,
  ): Promise<{ flight: Promise<RefreshOutcome>; tokens: Tokens } | null> {
    const flight = refresher.known(refreshToken)
    if (flight !== undefined) {
      const outcome = await flight
      return outcome.kind === 'refreshed' ? { flight, tokens: outcome.tokens } : null
    }
    const tokens = (await shared?.known(refreshToken)) ?? null
    return tokens && { flight: Promise.resolve({ kind: 'refreshed', tokens }), tokens }
  }

  /** Yields the remembered token pairs that were issued after a refresh token, in order. The last one is the current pair. */
  async function* successors(
    refreshToken: string,
  ): AsyncGenerator<{ flight: Promise<RefreshOutcome>; tokens: Tokens }> {
    const seen = new Set<string>()
    for (let spent: string | null = refreshToken; spent !== null && !seen.has(spent); ) {
      seen.add(spent)
      const successor = await successorOf(spent)
      if (successor === null) return
      yield successor
      spent = successor.tokens.refreshToken
    }
  }

  /**
   * Returns the current token pair, and refreshes it if necessary. It never returns tokens that were already exchanged or that the API has
   * refused, because the session would end if they were used.
   */
  async function newestOf(refreshToken: string, browser: BrowserDetails): Promise<RefreshOutcome> {
    let newest = refreshToken
    let last: { flight: Promise<RefreshOutcome>; tokens: Tokens } | undefined
    for await (last of successors(refreshToken)) newest = last.tokens.refreshToken ?? newest
    const spent = [...new Set([refreshToken, newest])]
    const isOver = async () => (await Promise.all(spent.map(isSignedOut))).includes(true)
    if (await isOver()) return { kind: 'ended' }
    if (last && !verifier.isOutdated(last.tokens.accessToken))
      return { kind: 'refreshed', tokens: last.tokens }
    // The newest refresh token is exchanged. It may be the token with which this function was called.
    const outcome = await refresher(newest, browser, last && { insteadOf: last.flight })
    return (await isOver()) ? { kind: 'ended' } : outcome
  }

  async function refresh(refreshToken: string, browser: BrowserDetails): Promise<RefreshOutcome> {
    try {
      return await newestOf(refreshToken, browser)
    } catch (error) {
      failed(error)
      return { kind: 'unavailable' }
    }
  }

  /** Ends the session, even if another tab is exchanging this refresh token at the same time. */
  async function signOut(refreshToken: string, browser: BrowserDetails): Promise<Answered> {
    // The sign-out is noted first, so that requests that are waiting for a refresh see it.
    await noteSignOut(refreshToken)
    let last = refreshToken
    try {
      for await (const { tokens } of successors(refreshToken)) {
        const principal = await verifier.verify(tokens.accessToken).catch(() => null)
        if (principal) verifier.revokeLocally({ sid: principal.sessionId })
        verifier.outdate(tokens.accessToken)
        last = tokens.refreshToken ?? last
        await noteSignOut(last)
      }
    } catch (error) {
      failed(error)
    }
    return issuer.signOut(last, browser)
  }

  const begin = async (
    name: BeginningEndpoint,
    { json, replaces }: { json: string; replaces: string | null },
    browser: BrowserDetails,
  ) => {
    if (name !== 'signIn' && name !== 'signUp') return refused('not_found')
    const answer = await (name === 'signIn' ? issuer.signIn(json, browser) : issuer.signUp(json, browser))
    if (!answer.ok) return answer
    const { refreshToken } = answer.tokens
    if (refreshToken !== null) {
      // Some backends have one refresh token for each user and return the same one at the next sign-in. So the record of its sign-out is
      // removed.
      signedOut.delete(nameOfToken(refreshToken))
      await shared?.noteSignOut(refreshToken, false)
    }
    if (replaces !== null && replaces !== refreshToken) await signOut(replaces, browser)
    return answer
  }

  return {
    authServer: {
      // A custom issuer only signs in and up. All other calls are refused above.
      begin: begin as AuthServerClient['begin'],
      refresh: issuer.refresh,
      signOut,
      // `call` supports only `readProfile`, because a custom issuer has none of the other endpoints.
      call: async (name, { accessToken }, browser) =>
        (name === 'readProfile'
          ? await issuer.profile(accessToken ?? '', browser)
          : refused('not_found')) as never,
    },
    verifier,
    // `bypassCache` is ignored here, because a second use of the same refresh token would end the session.
    refresh: (refreshToken, browser) => refresh(refreshToken, browser),
    organizations: null,
    // The API of a custom backend does not send our error codes. So every 401 may mean that the token must be renewed.
    asksForRenewal: () => true,
    outdate,
  }
}
