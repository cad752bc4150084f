import {
  type Endpoint,
  type endpoints,
  type SessionEffect,
  userEndpoints,
} from '@sallyport/protocol/endpoints'
import type { Answered, BodyOf, BrowserDetails, Sent } from './auth-server-client.ts'
import { isRenewable } from './renewable.ts'
import { type ResolvedSession, renewSession } from './resolve-session.ts'
import type { Runtime } from './runtime.ts'
import { type CookieChange, clearedCookies, cookieHeaderAfter } from './session-cookies.ts'

/** A signed-in user, and what a call to the auth server as that user needs. */
export type OwnSession = {
  runtime: Runtime
  session: Extract<ResolvedSession, { kind: 'signedIn' }>
  /** The cookies as they are now, with what was just renewed. */
  cookieHeader: string | null
  browser: BrowserDetails
  /** Whether cookies can be set here: in a render they cannot. */
  mayRenew: () => boolean
}

/** What the auth server answered, and the cookies that must be set in the browser in every case. */
export type Outcome<T = unknown> = { answer: Answered<T>; changes: CookieChange[] }

/** An endpoint that a signed-in user may call. */
export type UserEndpointName = Exclude<
  {
    [Name in keyof typeof userEndpoints]: (typeof userEndpoints)[Name]['access'] extends 'user' ? Name : never
  }[keyof typeof userEndpoints],
  never
>

/**
 * Calls an endpoint as the signed-in user, and does to the session of this browser what the row of the endpoint says.
 *
 * @param effect In place of that of the row, where it depends on what is sent.
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
  const row: Endpoint = userEndpoints[name]
  return row.session ?? 'none'
}

/** Asks, and asks once more with new tokens if the old one is stale: the auth server may know of a change before this process does. */
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

/** Goes on with new tokens: every token of this user that was made before is stale now, also the one that asked. */
export function goOn(own: OwnSession, before: CookieChange[]): Promise<CookieChange[]> {
  outdateTokens(own)
  return renewNow(own, before)
}

/** New tokens, which say what has just changed. If there are none now, the next refresh brings them. */
async function renewNow(own: OwnSession, before: CookieChange[]): Promise<CookieChange[]> {
  const renewed = await renewSession(own.runtime, own.cookieHeader, own.browser, { bypassCache: true })
  return renewed.changes.length > 0 ? renewed.changes : before
}

/** The auth server has ended every session of this user: this process refuses their tokens at once. */
function endHere(own: OwnSession): CookieChange[] {
  const { verifier, config } = own.runtime
  verifier.revokeLocally({ sid: own.session.principal.sessionId })
  outdateTokens(own)
  return clearedCookies(config)
}

/** Refuses tokens up to the version of the one that asked, before the revocation feed says so. */
function outdateTokens({ runtime: { verifier }, session: { principal } }: OwnSession): void {
  verifier.revokeLocally({ sub: principal.userId, minVersion: verifier.versionOf(principal) + 1 })
}
