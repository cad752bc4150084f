import { AuthError, type Principal } from '@sallyport/verify'
import type { BrowserDetails } from './auth-server-client.ts'
import type { Runtime } from './runtime.ts'
import { type CookieChange, clearedCookies, cookiesFor, readSessionCookies } from './session-cookies.ts'

/**
 * The session that the cookies of a request belong to.
 * - `signedIn`: if the tokens were renewed, `changes` are the cookies to set.
 * - `none`: nobody is signed in. If the session has ended, `changes` clear its cookies.
 * - `expired`: a refresh is needed, but it is not possible here, because a render cannot set cookies.
 * - `unavailable`: because of an outage, it is unknown whether somebody is signed in. Treat this neither as a sign-out nor as a sign-in.
 */
export type ResolvedSession =
  | { kind: 'signedIn'; principal: Principal; accessToken: string; changes: CookieChange[] }
  | { kind: 'none'; changes: CookieChange[] }
  | { kind: 'expired' }
  | { kind: 'unavailable'; changes: CookieChange[] }

/**
 * Verifies the session of one request. If a renewal is needed and `mayRefresh` returns true (cookies can be set), it renews the session.
 */
export async function resolveSession(
  runtime: Runtime,
  cookieHeader: string | null,
  browser: BrowserDetails,
  mayRefresh: () => boolean,
): Promise<ResolvedSession> {
  const cookies = readSessionCookies(cookieHeader, runtime.config)
  if (cookies.kind === 'none') return { kind: 'none', changes: [] }
  if (cookies.kind === 'conflict') return { kind: 'none', changes: clearedCookies(runtime.config) }
  const { accessToken, refreshToken } = cookies

  const verified = accessToken === null ? 'renewable' : await verify(runtime, accessToken)
  if (verified === 'ended') return { kind: 'none', changes: clearedCookies(runtime.config) }
  if (verified === 'unavailable') return { kind: 'unavailable', changes: [] }
  if (typeof verified === 'object') {
    const current = {
      kind: 'signedIn',
      principal: verified,
      accessToken: accessToken ?? '',
      changes: [],
    } as const
    const due = isDue(verified, runtime.config.refreshBeforeExpiryMs, Date.now())
    if (!due || refreshToken === null || !mayRefresh()) return { ...current, changes: [] }
    const renewed = await renewWith(runtime, refreshToken, browser)
    // If the refresh has failed, the current token is still used until it expires. If it has expired, the result is `unavailable`.
    return renewed.kind === 'unavailable' && verified.expiresAt > Date.now()
      ? { ...current, changes: renewed.changes }
      : renewed
  }
  if (refreshToken === null) return { kind: 'none', changes: [] }
  return mayRefresh() ? renewWith(runtime, refreshToken, browser) : { kind: 'expired' }
}

/**
 * Returns whether a token must be renewed. A token is renewed in the last `refreshBeforeExpirySeconds` before it expires, but never in the
 * first half of its lifetime. Without the second condition, a token with a short lifetime would always have to be renewed, and refreshes
 * would overlap (docs/refresh.md, "The condition").
 */
export function isDue(
  { issuedAt, expiresAt }: Pick<Principal, 'issuedAt' | 'expiresAt'>,
  leadMs: number,
  now: number,
): boolean {
  return expiresAt - now < Math.min(leadMs, (expiresAt - issuedAt) / 2)
}

/**
 * Exchanges the refresh token of a request. It does so even if the access token is valid here, because the API may have refused it as
 * stale.
 */
export function renewSession(
  runtime: Runtime,
  cookieHeader: string | null,
  browser: BrowserDetails,
  options: { bypassCache?: boolean } = {},
): Promise<Exclude<ResolvedSession, { kind: 'expired' }>> {
  const cookies = readSessionCookies(cookieHeader, runtime.config)
  if (cookies.kind !== 'tokens' || cookies.refreshToken === null)
    return Promise.resolve({ kind: 'none', changes: [] })
  return renewWith(runtime, cookies.refreshToken, browser, options)
}

export async function renewWith(
  runtime: Runtime,
  refreshToken: string,
  browser: BrowserDetails,
  options: { bypassCache?: boolean } = {},
): Promise<Exclude<ResolvedSession, { kind: 'expired' }>> {
  const outcome = await runtime.refresh(refreshToken, browser, options)
  if (outcome.kind === 'ended') return { kind: 'none', changes: clearedCookies(runtime.config) }
  if (outcome.kind === 'unavailable') return { kind: 'unavailable', changes: [] }
  // From here on, each result must change cookies: either the new tokens must reach the browser, or the browser's cookies must be cleared.
  const changes = cookiesFor(outcome.tokens, runtime.config)
  const { accessToken } = outcome.tokens
  const verified = await verify(runtime, accessToken)
  if (verified === 'ended') return { kind: 'none', changes: clearedCookies(runtime.config) }
  // If introspection at the backend refuses the token that the same backend has just issued, the user no longer has access.
  if (verified === 'refused' && isAsked(runtime.config))
    return { kind: 'none', changes: clearedCookies(runtime.config) }
  if (verified === 'refused' || verified === 'renewable') warnOfMisconfiguration(runtime)
  if (typeof verified !== 'object') return { kind: 'unavailable', changes }
  return { kind: 'signedIn', principal: verified, accessToken, changes }
}

async function verify(
  { verifier }: Runtime,
  accessToken: string,
): Promise<Principal | 'refused' | 'renewable' | 'ended' | 'unavailable'> {
  try {
    const principal = await verifier.verify(accessToken)
    // A token for an organization is never in a cookie. It would give the roles of one organization on all pages.
    return principal.organizationId === undefined ? principal : 'refused'
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    if (error.code === 'session_ended') return 'ended'
    if (error.code === 'token_invalid') return 'refused'
    return error.status === 401 ? 'renewable' : 'unavailable'
  }
}

function isAsked({ custom }: Runtime['config']): boolean {
  return custom !== null && 'introspect' in custom.access
}

/** The verifiers for which a warning was logged. A set of configs would not work, because each origin has its own config. */
const warned = new WeakSet<Runtime['verifier']>()

/** Logs a warning, once for each verifier. */
function warnOfMisconfiguration({ config, verifier }: Runtime): void {
  if (warned.has(verifier)) return
  warned.add(verifier)
  const { custom, issuer, audience } = config
  const mend =
    custom === null
      ? `They expect issuer ${issuer} and audience ${audience}. Compare SALLYPORT_ISSUER and SALLYPORT_AUDIENCE here and at the auth server`
      : 'Compare `access` of customIssuer with the claims of the token'
  console.error(
    `Sallyport: the Next app refuses a token that ${config.serverUrl.origin} has just issued. ${mend}, and the two clocks (docs/clocks.md).`,
  )
}
