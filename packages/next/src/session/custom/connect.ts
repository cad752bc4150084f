import type { Configuration } from '../../config/configuration.ts'
import type { CustomIssuer } from '../../config/custom-issuer.ts'
import type { Connection } from '../connection.ts'
import type { Answered, Caller } from '../issuer.ts'
import { createRefresher } from '../refresh.ts'
import { createCustomIssuer } from './issuer.ts'
import { createSend } from './send.ts'
import { createCustomVerifier } from './verifier.ts'

/**
 * Milliseconds that the answer to a refresh is handed to whoever comes with the token that was spent for it. Such backends mostly
 * refuse a token that was used before, and have no grace for an answer that was lost: this is all the grace there is.
 */
const rememberMs = 10_000

/** Nobody in particular asks: a check that several requests wait for. */
const nobody = { address: null, userAgent: null, requestId: null, device: null }

/** What one process shares among everything that speaks to the same custom issuer. */
export function connectCustom(first: CustomIssuer, { serverTimeoutMs }: Configuration): Connection {
  const custom = { ...first }
  const sendFor = (caller: Parameters<typeof createSend>[2]) =>
    createSend(custom.url, serverTimeoutMs, caller)
  const verifier = createCustomVerifier(custom, sendFor(nobody))
  const issuer = createCustomIssuer({ custom, sendFor, verify: verifier.verify })
  const refresh = createRefresher(issuer, { rememberMs })

  /** Whoever signs out while another tab refreshes means the session, not the token that has just been spent. */
  async function logout(refreshToken: string, caller: Caller): Promise<Answered> {
    let last = refreshToken
    for (const seen = new Set<string>(); !seen.has(last); ) {
      seen.add(last)
      const outcome = await refresh.known(last)
      if (outcome?.kind !== 'refreshed') continue
      const { accessToken, refreshToken: next } = outcome.tokens
      const principal = await verifier.verify(accessToken).catch(() => null)
      if (principal) verifier.revokeLocally({ sid: principal.sessionId })
      last = next ?? last
    }
    return issuer.logout(last, caller)
  }

  return {
    issuer: { ...issuer, logout },
    verifier,
    // Never afresh: a second use of the same token would end the session.
    refresh: (refreshToken, caller) => refresh(refreshToken, caller),
    // Such an API has no codes of ours: a 401 is all that it says about a token.
    asksForRenewal: () => true,
    outdate: verifier.outdate,
    adopt: (rewritten) => void Object.assign(custom, rewritten),
  }
}
