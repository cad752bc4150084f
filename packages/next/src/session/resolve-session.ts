import { AuthError, type Principal } from '@sallyport/verify'
import type { BrowserDetails } from './auth-server-client.ts'
import type { Runtime } from './runtime.ts'
import { type CookieChange, clearedCookies, cookiesFor, readSessionCookies } from './session-cookies.ts'

/**
 * The session of a request's cookies.
 * - `signedIn`: `changes` are the cookies to set if the tokens were renewed.
 * - `none`: nobody is signed in; `changes` clear the cookies of an ended session.
 * - `expired`: a refresh is needed but not possible here (a render cannot set cookies).
 * - `unavailable`: unknown, because of an outage. It counts neither as a sign-out nor as a sign-in.
 */
export type ResolvedSession =
  | { kind: 'signedIn'; principal: Principal; accessToken: string; changes: CookieChange[] }
  | { kind: 'none'; changes: CookieChange[] }
  | { kind: 'expired' }
  | { kind: 'unavailable'; changes: CookieChange[] }

/** Verifies the session of one request, and renews it if `mayRefresh` says that cookies can be set. */
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
    // The current token may have expired during the refresh attempt. Then the result is `unavailable`.
    return renewed.kind === 'unavailable' && verified.expiresAt > Date.now()
      ? { ...current, changes: renewed.changes }
      : renewed
  }
  if (refreshToken === null) return { kind: 'none', changes: [] }
  return mayRefresh() ? renewWith(runtime, refreshToken, browser) : { kind: 'expired' }
}

/**
 * Returns whether a token must be renewed: `refreshBeforeExpirySeconds` before its expiry, but not before half of its lifetime. Otherwise
 * a token with a short lifetime would always be due, and refreshes would overlap (docs/refresh.md, "The condition").
 */
export function isDue(
  { issuedAt, expiresAt }: Pick<Principal, 'issuedAt' | 'expiresAt'>,
  leadMs: number,
  now: number,
): boolean {
  return expiresAt - now < Math.min(leadMs, (expiresAt - issuedAt) / 2)
}

/** Exchanges the refresh token of a request even if its access token is valid, after the API has refused that as stale. */
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

/** Exchanges this refresh token. */
export async function renewWith(
  runtime: Runtime,
  refreshToken: string,
  browser: BrowserDetails,
  options: { bypassCache?: boolean } = {},
): Promise<Exclude<ResolvedSession, { kind: 'expired' }>> {
  const outcome = await runtime.refresh(refreshToken, browser, options)
  if (outcome.kind === 'ended') return { kind: 'none', changes: clearedCookies(runtime.config) }
  if (outcome.kind === 'unavailable') return { kind: 'unavailable', changes: [] }
  // From here on, the new tokens must always reach the browser.
  const changes = cookiesFor(outcome.tokens, runtime.config)
  const { accessToken } = outcome.tokens
  const verified = await verify(runtime, accessToken)
  if (verified === 'ended') return { kind: 'none', changes: clearedCookies(runtime.config) }
  // The backend's own introspection refuses the token that it has just issued: the user no longer has access.
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
    return await verifier.verify(accessToken)
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

/** Keyed by the verifier, because with several origins each has its own config. */
const warned = new WeakSet<Runtime['verifier']>()

/** Logs once for each verifier. */
function warnOfMisconfiguration({ config, verifier }: Runtime): void {
  if (warned.has(verifier)) return
  warned.add(verifier)
  const { custom, issuer, audience } = config
  const mend =
    custom === null
      ? `They expect issuer ${issuer} and audience ${audience}: compare SALLYPORT_ISSUER and SALLYPORT_AUDIENCE here and at the auth server`
      : 'Compare `access` of customIssuer with what the token says'
  console.error(
    `Sallyport: these pages refuse a token that ${config.serverUrl.origin} has just issued. ${mend}, and the two clocks (docs/clocks.md).`,
  )
}
