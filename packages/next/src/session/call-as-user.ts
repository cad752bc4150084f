import {
  type Endpoint,
  endpoints,
  type organizationEndpoints,
  type SessionEffect,
  type userEndpoints,
} from '@sallyport/protocol/endpoints'
import type { Answered } from './auth-server-answer.ts'
import type { BodyOf, BrowserDetails, Sent } from './auth-server-client.ts'
import { isRenewable } from './renewable.ts'
import { type ResolvedSession, renewSession } from './resolve-session.ts'
import type { Runtime } from './runtime.ts'
import { type CookieChange, clearedCookies, cookieHeaderAfter } from './session-cookies.ts'

/** The signed-in user's session, and what is needed to call the auth server as that user. */
export type OwnSession = {
  runtime: Runtime
  session: Extract<ResolvedSession, { kind: 'signedIn' }>
  /** The current cookies. They include cookies that were renewed during this request. */
  cookieHeader: string | null
  browser: BrowserDetails
  /** Returns whether cookies can be set. In a render they cannot. */
  mayRenew: () => boolean
}

/** The answer of the auth server, and the cookies to set in the browser. Set them also if the answer is a refusal. */
export type Outcome<T = unknown> = { answer: Answered<T>; changes: CookieChange[] }

type OfUser = typeof userEndpoints & typeof organizationEndpoints

/** An endpoint that a signed-in user may call. */
export type UserEndpointName = {
  [Name in keyof OfUser]: OfUser[Name]['access'] extends 'user' ? Name : never
}[keyof OfUser]

/**
 * Calls an endpoint as the signed-in user. If the call succeeds, also updates the session of this browser. The member `session`
 * of the endpoint's entry in `userEndpoints` says how.
 *
 * @param effect Used instead of the member `session` of the entry, if the effect depends on the request.
 */
export async function callAsUser<Name extends UserEndpointName>(
  own: OwnSession,
  name: Name,
  sent: Omit<Sent, 'accessToken'> = {},
  effect: SessionEffect | 'none' = effectOf(name),
): Promise<Outcome<BodyOf<(typeof endpoints)[Name]>>> {
  const { answer, changes, asked } = await retryRenewed(own, ({ runtime, session, browser }) =>
    runtime.authServer.call(name, { ...sent, accessToken: session.accessToken }, browser),
  )
  if (!answer.ok) return { answer, changes }
  switch (effect) {
    case 'renews':
      return { answer, changes: await renewNow(asked, changes) }
    case 'supersedes':
      return { answer, changes: await goOn(asked, changes) }
    case 'ends':
      return { answer, changes: endHere(asked) }
    default:
      return { answer, changes }
  }
}

function effectOf(name: UserEndpointName): SessionEffect | 'none' {
  const row: Endpoint = endpoints[name]
  return row.session ?? 'none'
}

/**
 * Makes a call. If the auth server refuses the token as stale or expired, the call is repeated once with new tokens. The auth server may
 * refuse a token that this process still accepts, because a change, such as a new role, reaches this process later.
 */
export async function retryRenewed<T>(
  own: OwnSession,
  ask: (asked: OwnSession) => Promise<Answered<T>>,
): Promise<Outcome<T> & { asked: OwnSession }> {
  const { runtime, cookieHeader, browser } = own
  let asked = own
  let changes: CookieChange[] = []
  let answer = await ask(own)
  if (!answer.ok && isRenewable(answer.problem.code) && own.mayRenew()) {
    const session = await renewSession(runtime, cookieHeader, browser, { bypassCache: true })
    changes = session.changes
    if (session.kind === 'signedIn') {
      asked = { ...own, session, cookieHeader: cookieHeaderAfter(cookieHeader, changes) }
      answer = await ask(asked)
    }
  }
  if (!answer.ok && answer.problem.code === 'session_ended') {
    runtime.verifier.revokeLocally({ sid: own.session.principal.sessionId })
    changes = clearedCookies(runtime.config)
  }
  return { answer, changes, asked }
}

/**
 * Makes this process refuse all tokens that this user got before, also the token of this request, and then gets new tokens. Call it after a
 * change that makes the old tokens stale.
 */
export function goOn(own: OwnSession, before: CookieChange[]): Promise<CookieChange[]> {
  outdateTokens(own)
  return renewNow(own, before)
}

/**
 * Refreshes the tokens, so that they include the change that was just made. If the refresh fails, the tokens of the next refresh include
 * the change.
 */
export async function renewNow(own: OwnSession, before: CookieChange[]): Promise<CookieChange[]> {
  const renewed = await renewSession(own.runtime, own.cookieHeader, own.browser, { bypassCache: true })
  return renewed.changes.length > 0 ? renewed.changes : before
}

/** Makes this process refuse the user's tokens immediately. Call it after the auth server has ended all sessions of the user. */
function endHere(own: OwnSession): CookieChange[] {
  const { verifier, config } = own.runtime
  verifier.revokeLocally({ sid: own.session.principal.sessionId })
  outdateTokens(own)
  return clearedCookies(config)
}

/**
 * Makes this process refuse old tokens of this user immediately, without waiting for the revocation feed. Old tokens are those with the
 * same version as the current token, or a lower version.
 */
function outdateTokens({ runtime: { verifier }, session: { principal } }: OwnSession): void {
  verifier.revokeLocally({ sub: principal.userId, minVersion: verifier.versionOf(principal) + 1 })
}
