import { createHash } from 'node:crypto'
import { accessTokenUrn, type TokenExchangeResponse, tokenExchangeGrant } from '@sallyport/protocol/endpoints'
import type { Answered } from './auth-server-answer.ts'
import type { AuthServerClient, BrowserDetails } from './auth-server-client.ts'

/** The answer to a token exchange. */
export type Traded = Answered<TokenExchangeResponse>

/** The tokens for organizations that this process has got. No token reaches the browser. */
export type OrganizationTokens = {
  /**
   * Returns the token of a session for an organization. Requests at the same time share one exchange. Only successful answers are stored.
   *
   * @param accessToken The access token of the session. The caller has verified it in this request.
   * @param organization The id or the slug of the organization.
   */
  trade(accessToken: string, organization: string, browser: BrowserDetails): Promise<Traded>
  /** Removes the token that `trade` has returned, because it is not valid any more. A newer token stays. */
  forget(accessToken: string, organization: string, refused: string): void
}

/** The maximum number of tokens in one process. An entry has about 1 kB. */
const limit = 10_000

/**
 * Stores tokens in the memory of this process. An entry belongs to one access token of a session, and not to the session. So after a
 * sign-in with a second factor, or after a change of roles, the session's new access token is exchanged again.
 */
export function createOrganizationTokens(authServer: Pick<AuthServerClient, 'call'>): OrganizationTokens {
  const known = new Map<string, { answer: Promise<Traded>; token?: string }>()
  const keyOf = (accessToken: string, organization: string) =>
    `${createHash('sha256').update(accessToken).digest('base64url')} ${organization}`

  async function exchange(
    accessToken: string,
    organization: string,
    browser: BrowserDetails,
  ): Promise<Traded> {
    const json = JSON.stringify({
      grant_type: tokenExchangeGrant,
      subject_token: accessToken,
      subject_token_type: accessTokenUrn,
      organization,
    })
    const answer = await authServer.call('tradeToken', { json }, browser)
    if (!answer.ok && answer.problem.code === 'not_found') warnOnce()
    else if (answer.ok) isKnownToWork = true
    return answer
  }

  let isKnownToWork = false
  /** An auth server without organizations answers as if there were no such organization. */
  function warnOnce(): void {
    if (isKnownToWork) return
    isKnownToWork = true
    console.warn(
      'Sallyport: the auth server knows no such organization, or the user is not a member of it. If this is so for all organizations, set SALLYPORT_ORGANIZATIONS=on at the auth server. This warning is shown only once.',
    )
  }

  return {
    trade(accessToken, organization, browser) {
      const key = keyOf(accessToken, organization)
      const stored = known.get(key)
      // The entry becomes the newest one, so that the oldest entry is the one that was not used for the longest time.
      known.delete(key)
      const entry: { answer: Promise<Traded>; token?: string } = stored ?? {
        answer: exchange(accessToken, organization, browser),
      }
      known.set(key, entry)
      const [oldest] = known.keys()
      if (known.size > limit && oldest !== undefined) known.delete(oldest)
      if (stored === undefined)
        void entry.answer.then((answer) => {
          if (answer.ok) entry.token = answer.access_token
          else if (known.get(key) === entry) known.delete(key)
        })
      return entry.answer
    },
    forget(accessToken, organization, refused) {
      const key = keyOf(accessToken, organization)
      if (known.get(key)?.token === refused) known.delete(key)
    },
  }
}
