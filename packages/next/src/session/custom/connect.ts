import type { Configuration } from '../../config/configuration.ts'
import type { CustomIssuer } from '../../config/custom-issuer.ts'
import type { Connection } from '../connection.ts'
import type { Answered, Caller, Mailed, Refused, SignedIn } from '../issuer.ts'
import { createRefresher, type RefreshOutcome } from '../refresh.ts'
import type { Tokens } from '../session-cookies.ts'
import { createCustomIssuer } from './issuer.ts'
import { nameOfToken } from './name-of-token.ts'
import { RecentNames } from './recent-names.ts'
import { createSend } from './send.ts'
import { createCustomVerifier } from './verifier.ts'

/**
 * Milliseconds that the answer to a refresh is handed to whoever comes with the token that was spent for it. Such backends mostly
 * refuse a token that was used before, and have no grace for an answer that was lost: this is all the grace there is.
 */
const rememberMs = 10_000
/** How many refresh tokens that were signed out are remembered. */
const mostSignedOut = 10_000

/** Nobody in particular asks: a check that several requests wait for. */
const nobody = { address: null, userAgent: null, requestId: null, device: null }

/** What one process shares among everything that speaks to the same custom issuer. */
export function connectCustom(custom: CustomIssuer, { serverTimeoutMs }: Configuration): Connection {
  const sendFor = (caller: Parameters<typeof createSend>[2]) =>
    createSend(custom.url, serverTimeoutMs, caller)
  const verifier = createCustomVerifier(custom, sendFor(nobody))
  // What cannot be renewed stays what it is: for many an API, a 401 is "not you" and no word on the token.
  const outdate = custom.refresh ? verifier.outdate : () => {}
  const issuer = createCustomIssuer({ custom, sendFor, verify: verifier.verify, outdate })
  const refresher = createRefresher(issuer, { rememberMs })
  // A backend need not have heard of a sign-out: without `logout`, or while it is away, it would go on with such a token.
  const signedOut = new RecentNames(mostSignedOut)
  const isSignedOut = (refreshToken: string) => signedOut.has(nameOfToken(refreshToken))

  /** The pairs that have come of a refresh token, one of the other, as far as they are remembered. The last one is what counts now. */
  async function* successors(
    refreshToken: string,
  ): AsyncGenerator<{ flight: Promise<RefreshOutcome>; tokens: Tokens }> {
    const seen = new Set<string>()
    for (let spent: string | null = refreshToken; spent !== null && !seen.has(spent); ) {
      seen.add(spent)
      const flight = refresher.known(spent)
      const outcome: RefreshOutcome | undefined = await flight
      if (flight === undefined || outcome?.kind !== 'refreshed') return
      yield { flight, tokens: outcome.tokens }
      spent = outcome.tokens.refreshToken
    }
  }

  /** Never hands out what a later refresh has spent, nor what the API has refused: either would end the session. */
  async function refresh(refreshToken: string, caller: Caller): Promise<RefreshOutcome> {
    let newest = refreshToken
    let last: { flight: Promise<RefreshOutcome>; tokens: Tokens } | undefined
    for await (last of successors(refreshToken)) newest = last.tokens.refreshToken ?? newest
    const isOver = () => isSignedOut(refreshToken) || isSignedOut(newest)
    if (isOver()) return { kind: 'ended' }
    if (last && !verifier.isOutdated(last.tokens.accessToken))
      return { kind: 'refreshed', tokens: last.tokens }
    // A backend that goes on with the same refresh token is asked again; one that gave a new one, with that.
    const outcome = await refresher(newest, caller, last && { insteadOf: last.flight })
    return isOver() ? { kind: 'ended' } : outcome
  }

  /** Whoever signs out while another tab refreshes means the session, not the token that has just been spent. */
  async function logout(refreshToken: string, caller: Caller): Promise<Answered> {
    // At once, for whoever waits for a refresh right now.
    signedOut.add(nameOfToken(refreshToken))
    let last = refreshToken
    for await (const { tokens } of successors(refreshToken)) {
      const principal = await verifier.verify(tokens.accessToken).catch(() => null)
      if (principal) verifier.revokeLocally({ sid: principal.sessionId })
      verifier.outdate(tokens.accessToken)
      last = tokens.refreshToken ?? last
      signedOut.add(nameOfToken(last))
    }
    return issuer.logout(last, caller)
  }

  /** A backend with one refresh token per person answers it again at the next sign-in. */
  async function begun<T extends SignedIn | Mailed | Refused>(entering: Promise<T>): Promise<T> {
    const answer = await entering
    if (answer.ok && answer.tokens?.refreshToken) signedOut.delete(nameOfToken(answer.tokens.refreshToken))
    return answer
  }

  return {
    issuer: {
      ...issuer,
      logout,
      login: (json, caller) => begun(issuer.login(json, caller)),
      register: (json, caller) => begun(issuer.register(json, caller)),
    },
    verifier,
    // Never afresh: a second use of the same token would end the session.
    refresh: (refreshToken, caller) => refresh(refreshToken, caller),
    // Such an API has no codes of ours: a 401 is all that it says about a token.
    asksForRenewal: () => true,
    outdate,
  }
}
