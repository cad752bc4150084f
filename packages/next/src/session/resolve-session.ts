import { AuthError, type Principal } from '@sallyport/verify'
import type { BrowserDetails } from './auth-server-client.ts'
import type { Runtime } from './runtime.ts'
import { type CookieChange, clearedCookies, cookiesFor, readSessionCookies } from './session-cookies.ts'

/**
 * What a request's cookies come to.
 * - `signedIn`: with the cookies to set if the tokens were renewed on the way.
 * - `none`: nobody; `changes` clear what is confirmed dead.
 * - `expired`: a refresh would tell, but may not be done here (a render cannot set cookies).
 * - `unavailable`: nobody can tell right now. Neither a sign-out nor a pass.
 */
export type ResolvedSession =
  | { kind: 'signedIn'; principal: Principal; accessToken: string; changes: CookieChange[] }
  | { kind: 'none'; changes: CookieChange[] }
  | { kind: 'expired' }
  | { kind: 'unavailable'; changes: CookieChange[] }

/** Verifies the session of one request, and renews it where `mayRefresh` says that cookies can be set. */
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
    // Asking may have taken so long that the token at hand has run out meanwhile: that is no session, and no sign-out either.
    return renewed.kind === 'unavailable' && verified.expiresAt > Date.now()
      ? { ...current, changes: renewed.changes }
      : renewed
  }
  if (refreshToken === null) return { kind: 'none', changes: [] }
  return mayRefresh() ? renewWith(runtime, refreshToken, browser) : { kind: 'expired' }
}

/**
 * Whether a token is to be renewed: so long before its end, but not before half of its life is over. With a short life, one that is
 * always due would let refreshes overtake one another (docs/refresh.md, "The condition").
 */
export function isDue(
  { issuedAt, expiresAt }: Pick<Principal, 'issuedAt' | 'expiresAt'>,
  leadMs: number,
  now: number,
): boolean {
  return expiresAt - now < Math.min(leadMs, (expiresAt - issuedAt) / 2)
}

/** Spends the refresh token of a request, whatever its access token says: after the API has called that one out of date. */
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

/** Spends this refresh token, wherever it was found. */
export async function renewWith(
  runtime: Runtime,
  refreshToken: string,
  browser: BrowserDetails,
  options: { bypassCache?: boolean } = {},
): Promise<Exclude<ResolvedSession, { kind: 'expired' }>> {
  const outcome = await runtime.refresh(refreshToken, browser, options)
  if (outcome.kind === 'ended') return { kind: 'none', changes: clearedCookies(runtime.config) }
  if (outcome.kind === 'unavailable') return { kind: 'unavailable', changes: [] }
  // From here on the new tokens must reach the browser, come what may.
  const changes = cookiesFor(outcome.tokens, runtime.config)
  const { accessToken } = outcome.tokens
  const verified = await verify(runtime, accessToken)
  if (verified === 'ended') return { kind: 'none', changes: clearedCookies(runtime.config) }
  // The backend itself, asked about a token that it has just issued, says that it is no good: whoever it stands for is not let in any more.
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

/** By what requests share: with several origins each has a configuration of its own. */
const warned = new WeakSet<Runtime['verifier']>()

/** Once for each configuration. */
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
