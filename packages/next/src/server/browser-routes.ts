import { problemResponse } from '@sallyport/protocol'
import { type Endpoint, paths, userEndpoints } from '@sallyport/protocol/endpoints'
import type { BeginningEndpoint, Begun } from '../session/auth-server-answer.ts'
import { beginSession, callPendingSignIn, type PendingEndpoint } from '../session/begin-session.ts'
import { callAsUser, type Outcome, type UserEndpointName } from '../session/call-as-user.ts'
import { describeMailedLink, requestSignInMail } from '../session/mailed-sign-in.ts'
import { unlinkOwnIdentity } from '../session/own-identities.ts'
import { endOwnSession, endOwnSessions } from '../session/own-sessions.ts'
import { renewSession, resolveSession } from '../session/resolve-session.ts'
import { clearedCookies, cookieHeaderAfter, readSessionCookies } from '../session/session-cookies.ts'
import { confirmAddress, type Visitor, verifyAddress } from '../session/verify-address.ts'
import { answerOf, emptyResponse, jsonResponse, refusal, withCookies } from './answers.ts'
import { answerAsUser, changesOf, type Incoming, unavailable, withBody } from './incoming.ts'
import { removePasskey, renamePasskey, startPasskeySignIn } from './passkey-routes.ts'

type Name = keyof typeof userEndpoints
export type BrowserRoute = (incoming: Incoming) => Promise<Response>
/** The handlers of one path. The keys are the HTTP methods. */
export type Methods = Partial<Record<string, BrowserRoute>>

/**
 * Endpoints that need a separate handler. The general handler `forwarded` cannot serve them, because it stores no new tokens, and does not
 * forward the query or the parameters of the path.
 */
type NeedsOwnWay = {
  [One in Name]: (typeof userEndpoints)[One] extends
    | { session: 'begins' }
    | { query: object }
    | { path: `${string}{${string}` }
    ? One
    : never
}[Name]

/** The handlers of endpoints for which the SDK does more than forward the request. */
const ownWay: Partial<Record<Name, BrowserRoute>> & Record<NeedsOwnWay, BrowserRoute> = {
  signIn: (incoming) => begin(incoming, 'signIn'),
  signUp: (incoming) => begin(incoming, 'signUp'),
  refresh: renew,
  signOut,
  readSession: describePrincipal,
  endSessions,
  endSession,
  requestSignInMail: (incoming) =>
    withBody(incoming, async (json) => {
      const { answer, changes } = await requestSignInMail(incoming.runtime, json, incoming)
      const response = answer.ok ? answerOf(userEndpoints.requestSignInMail, answer) : refusal(answer)
      return withCookies(response, changes, incoming.runtime)
    }),
  signInWithMailedCode: (incoming) => begin(incoming, 'signInWithMailedCode'),
  describeMailedSignIn: (incoming) =>
    withBody(incoming, async (json) => {
      const answer = await describeMailedLink(incoming.runtime, json, incoming)
      return answer.ok ? answerOf(userEndpoints.describeMailedSignIn, answer) : refusal(answer)
    }),
  confirmMailedSignIn: (incoming) => begin(incoming, 'confirmMailedSignIn'),
  proveSecondFactor: (incoming) => begin(incoming, 'proveSecondFactor'),
  finishSecondFactor: (incoming) => begin(incoming, 'finishSecondFactor'),
  describePendingSignIn: (incoming) => ofPendingSignIn(incoming, 'describePendingSignIn'),
  startSecondFactor: (incoming) => ofPendingSignIn(incoming, 'startSecondFactor'),
  startPasskeySignIn,
  signInWithPasskey: (incoming) => begin(incoming, 'signInWithPasskey'),
  startPasskeySecondFactor: (incoming) => ofPendingSignIn(incoming, 'startPasskeySecondFactor'),
  proveSecondFactorWithPasskey: (incoming) => begin(incoming, 'proveSecondFactorWithPasskey'),
  startPasskeySetup: (incoming) => ofPendingSignIn(incoming, 'startPasskeySetup'),
  finishPasskeySetup: (incoming) => begin(incoming, 'finishPasskeySetup'),
  signUpWithPasskey: (incoming) => begin(incoming, 'signUpWithPasskey'),
  renamePasskey,
  removePasskey,
  verifyAddress: (incoming) =>
    asVisitor(incoming, 'verifyAddress', verifyAddress, (answer) =>
      answer.user === null
        ? jsonResponse(answer.pending, { status: 202 })
        : jsonResponse({ user: answer.user }),
    ),
  confirmAddress: (incoming) => asVisitor(incoming, 'confirmAddress', confirmAddress),
  unlinkIdentity,
}

/** The routes that scripts in the browser may call. They have the same paths as at the auth server. */
const browserRoutes: Record<string, Methods> = {}
for (const [name, { method, path }] of Object.entries(userEndpoints) as [Name, Endpoint][])
  browserRoutes[path] = { ...browserRoutes[path], [method]: ownWay[name] ?? forwarded(name) }

/** Finds the methods of a path. A final slash is ignored, because an app with `skipTrailingSlashRedirect` may use both forms. */
export function browserRouteAt(pathname: string): Methods | undefined {
  const oneSession = browserRoutes[paths.endSession]
  // If a request to end one session has no id, it must not end all sessions.
  if (pathname === `${paths.listSessions}/`)
    return { GET: browserRoutes[paths.listSessions]?.GET, ...oneSession }
  if (pathname.startsWith(`${paths.listSessions}/`)) return oneSession
  if (pathname.startsWith(`${paths.listPasskeys}/`)) return browserRoutes[paths.removePasskey]
  const path = pathname.replace(/\/$/, '')
  if (path.startsWith(`${paths.listIdentities}/`)) return browserRoutes[paths.unlinkIdentity]
  return Object.hasOwn(browserRoutes, path) ? browserRoutes[path] : undefined
}

/**
 * Returns a handler that forwards requests to the endpoint with this name. If the endpoint requires a user, the handler sends the user's
 * access token.
 */
function forwarded(name: Name): BrowserRoute {
  const row: Endpoint = userEndpoints[name]
  const send = (incoming: Incoming, json?: string) => {
    const sent = json === undefined ? {} : { json }
    if (row.access === 'user')
      return answerAsUser(
        incoming,
        (own) => callAsUser(own, name as UserEndpointName, sent),
        (answer) => answerOf(row, answer as { ok: true }),
      )
    const { runtime, browser } = incoming
    return runtime.authServer
      .call(name, sent, browser)
      .then((answer) => (answer.ok ? answerOf(row, answer) : refusal(answer)))
  }
  return (incoming) => (row.request ? withBody(incoming, (json) => send(incoming, json)) : send(incoming))
}

function begin(
  incoming: Incoming,
  name: Exclude<BeginningEndpoint, 'verifyAddress' | 'finishProvider'>,
): Promise<Response> {
  const { runtime } = incoming
  return withBody(incoming, async (json) => {
    const { answer, changes } = await beginSession(runtime, name, { json }, incoming)
    return withCookies(answer.ok ? begunResponse(answer) : refusal(answer), changes, runtime)
  })
}

/** Returns the response to a sign-in. The tokens and the handle of a pending sign-in are in cookies, so they are not in the body. */
function begunResponse(answer: Begun<BeginningEndpoint>): Response {
  if (answer.pending !== undefined) return jsonResponse(answer.pending, { status: 202 })
  if (answer.user === null) return jsonResponse({ status: 'mailed' }, { status: 202 })
  if (answer.tokens === null) return jsonResponse({ user: answer.user })
  const { user, tokens } = answer
  const codes = 'recoveryCodes' in answer ? { recoveryCodes: answer.recoveryCodes } : {}
  return jsonResponse({ user, expiresIn: tokens.expiresIn, ...codes })
}

/** Forwards a request about the sign-in whose handle is in a cookie. The body of the request is ignored. */
async function ofPendingSignIn(
  { runtime, cookieHeader, browser }: Incoming,
  name: PendingEndpoint,
): Promise<Response> {
  const { answer, changes } = await callPendingSignIn(runtime, name, { cookieHeader, browser })
  return withCookies(answer.ok ? answerOf(userEndpoints[name], answer) : refusal(answer), changes, runtime)
}

async function describePrincipal({ runtime, browser, cookieHeader }: Incoming): Promise<Response> {
  const session = await resolveSession(runtime, cookieHeader, browser, () => true)
  if (session.kind === 'unavailable') return unavailable(session.changes, runtime)
  const principal = session.kind === 'signedIn' ? session.principal : null
  return withCookies(jsonResponse({ principal }), changesOf(session), runtime)
}

async function renew({ runtime, browser, cookieHeader }: Incoming): Promise<Response> {
  const session = await renewSession(runtime, cookieHeader, browser)
  if (session.kind === 'unavailable') return unavailable(session.changes, runtime)
  if (session.kind !== 'signedIn')
    return withCookies(problemResponse('session_ended'), changesOf(session), runtime)
  return withCookies(jsonResponse({ principal: session.principal }), session.changes, runtime)
}

async function signOut({ runtime, browser, cookieHeader }: Incoming): Promise<Response> {
  const session = await resolveSession(runtime, cookieHeader, browser, () => false)
  const cookies = readSessionCookies(cookieHeader, runtime.config)
  if (session.kind === 'signedIn') runtime.verifier.revokeLocally({ sid: session.principal.sessionId })
  const answer =
    cookies.kind === 'tokens' && cookies.refreshToken
      ? await runtime.authServer.signOut(cookies.refreshToken, browser)
      : { ok: true as const }
  const response = answer.ok ? emptyResponse() : refusal(answer)
  return withCookies(response, clearedCookies(runtime.config), runtime)
}

async function endSessions(incoming: Incoming): Promise<Response> {
  const { search } = new URL(incoming.request.url)
  const exceptCurrent = search === '?except=current'
  // A misspelt `except=current` must not sign the user out.
  if (search !== '' && !exceptCurrent) {
    const errors = [
      { field: 'except', message: 'The query may contain only the following, each once: except=current.' },
    ]
    return problemResponse('invalid_request', { errors })
  }
  return answerAsUser(
    incoming,
    (own) => endOwnSessions(own, { exceptCurrent }),
    ({ ended }) => jsonResponse({ ended }),
  )
}

function endSession(incoming: Incoming): Promise<Response> {
  const id = new URL(incoming.request.url).pathname.slice(paths.listSessions.length + 1).replace(/\/$/, '')
  return answerAsUser(incoming, (own) => endOwnSession(own, id), emptyResponse)
}

function unlinkIdentity(incoming: Incoming): Promise<Response> {
  const { pathname } = new URL(incoming.request.url)
  const id = pathname.slice(paths.listIdentities.length + 1).replace(/\/$/, '')
  return answerAsUser(incoming, (own) => unlinkOwnIdentity(own, id), emptyResponse)
}

/** Handles a request to an endpoint that a visitor may call with or without a session. */
function asVisitor<T>(
  incoming: Incoming,
  name: Name,
  what: (visitor: Visitor, json: string) => Promise<Outcome<T>>,
  answered = (answer: { ok: true } & T) => answerOf(userEndpoints[name], answer),
): Promise<Response> {
  const { runtime, browser, cookieHeader } = incoming
  return withBody(incoming, async (json) => {
    const resolved = await resolveSession(runtime, cookieHeader, browser, () => true)
    const before = changesOf(resolved)
    const visitor = {
      runtime,
      session: resolved.kind === 'signedIn' ? resolved : null,
      cookieHeader: cookieHeaderAfter(cookieHeader, before),
      browser,
      mayRenew: () => true,
    }
    const { answer, changes } = await what(visitor, json)
    return withCookies(
      answer.ok ? answered(answer) : refusal(answer),
      changes.length > 0 ? changes : before,
      runtime,
    )
  })
}
