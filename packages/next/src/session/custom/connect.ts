import type { Config } from '../../config/config.ts'
import type { CustomIssuer } from '../../config/custom-issuer.ts'
import type { Answered, AuthServerClient, BrowserDetails } from '../auth-server-client.ts'
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
 * Milliseconds that the answer to a refresh is handed to whoever comes with the token that was spent for it. Such backends mostly
 * refuse a token that was used before, and have no grace for an answer that was lost: this is all the grace there is.
 */
const rememberMs = 10_000

/** Nobody in particular asks: a check that several requests wait for. */
const nobody = { address: null, userAgent: null, requestId: null, device: null }

/** One configuration's way to a custom issuer. Its rules are its own; `memory` is shared by all that speak to the same backend. */
export function connectCustom(
  custom: CustomIssuer,
  { serverTimeoutMs }: Pick<Config, 'serverTimeoutMs'>,
  memory: BackendMemory,
): Connection {
  const sendFor = (browser: Parameters<typeof createSend>[2]) =>
    createSend(custom.url, serverTimeoutMs, browser)
  const verifier = createCustomVerifier(custom, sendFor(nobody), memory)
  // What cannot be renewed stays what it is: for many an API, a 401 is "not you" and no word on the token.
  const outdate = custom.refresh ? verifier.outdate : () => {}
  const issuer = createTokenIssuer({ custom, sendFor, verify: verifier.verify, outdate })
  const shared = custom.refreshStore
    ? createSharedRefreshes({
        store: custom.refreshStore,
        origin: custom.url.origin,
        refresh: issuer.refresh,
        isOutdated: verifier.isOutdated,
        rememberMs,
        // Longer than the backend may take: a second one is never asked while the first may still be answered.
        claimMs: serverTimeoutMs + 5_000,
      })
    : null
  const refresher = createRefresher(shared ?? issuer, { rememberMs, flights: memory.flights })
  // A backend need not have heard of a sign-out: without `logout`, or while it is away, it would go on with such a token.
  const { signedOut } = memory
  const isSignedOut = async (refreshToken: string) =>
    signedOut.has(nameOfToken(refreshToken)) || ((await shared?.isSignedOut(refreshToken)) ?? false)
  async function noteSignOut(refreshToken: string): Promise<void> {
    signedOut.add(nameOfToken(refreshToken))
    await shared?.noteSignOut(refreshToken, true)
  }

  /** What has come of a refresh token, here or at another instance. */
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

  /** The pairs that have come of a refresh token, one of the other, as far as they are remembered. The last one is what counts now. */
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

  /** Never hands out what a later refresh has spent, nor what the API has refused: either would end the session. */
  async function newestOf(refreshToken: string, browser: BrowserDetails): Promise<RefreshOutcome> {
    let newest = refreshToken
    let last: { flight: Promise<RefreshOutcome>; tokens: Tokens } | undefined
    for await (last of successors(refreshToken)) newest = last.tokens.refreshToken ?? newest
    const spent = [...new Set([refreshToken, newest])]
    const isOver = async () => (await Promise.all(spent.map(isSignedOut))).includes(true)
    if (await isOver()) return { kind: 'ended' }
    if (last && !verifier.isOutdated(last.tokens.accessToken))
      return { kind: 'refreshed', tokens: last.tokens }
    // A backend that goes on with the same refresh token is asked again; one that gave a new one, with that.
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

  /** Whoever signs out while another tab refreshes means the session, not the token that has just been spent. */
  async function signOut(refreshToken: string, browser: BrowserDetails): Promise<Answered> {
    // At once, for whoever waits for a refresh right now.
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

  const begin: AuthServerClient['begin'] = async (name, { json, replaces }, browser) => {
    if (name === 'verifyAddress') return refused('not_found')
    const answer = await (name === 'signIn' ? issuer.signIn(json, browser) : issuer.signUp(json, browser))
    if (!answer.ok) return answer
    const { refreshToken } = answer.tokens
    if (refreshToken !== null) {
      // A backend with one refresh token per user answers it again at the next sign-in.
      signedOut.delete(nameOfToken(refreshToken))
      await shared?.noteSignOut(refreshToken, false)
    }
    if (replaces !== null && replaces !== refreshToken) await signOut(replaces, browser)
    return answer
  }

  return {
    authServer: {
      begin,
      refresh: issuer.refresh,
      signOut,
      // The one operation of a user's own that such a backend can have.
      call: async (name, { accessToken }, browser) =>
        (name === 'readProfile'
          ? await issuer.profile(accessToken ?? '', browser)
          : refused('not_found')) as never,
    },
    verifier,
    // Never afresh: a second use of the same token would end the session.
    refresh: (refreshToken, browser) => refresh(refreshToken, browser),
    // Such an API has no codes of ours: a 401 is all that it says about a token.
    asksForRenewal: () => true,
    outdate,
  }
}
