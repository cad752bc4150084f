import {
  headers as headerNames,
  type Problem,
  problem,
  problemSchema,
  profileResponseSchema,
  type User,
} from '@sallyport/protocol'
import {
  type Answer,
  type AnswerOf,
  bearerTokensSchema,
  type Endpoint,
  type EndpointName,
  endpoints,
  identityLinkedSchema,
  type PendingSignInResponse,
  pendingSignInSchema,
  providerConfirmedSchema,
  recoveryCodesResponseSchema,
  refreshTokenSchema,
  signInResponseSchema,
  signUpMailedSchema,
} from '@sallyport/protocol/endpoints'
import { boundedJson } from './bounded-json.ts'
import type { ConnectionConfig } from './connection-config.ts'
import type { Tokens } from './session-cookies.ts'

/** Details of the browser, for the auth server's rate limits and audit log. Without them, the auth server would only see this front end. */
export type BrowserDetails = {
  address: string | null
  userAgent: string | null
  requestId: string | null
  /** The value of the device cookie. */
  device: string | null
}

/** A refusal. `retryAfterSeconds` is present if the auth server sent `Retry-After`. */
export type Refused = { ok: false; problem: Problem; retryAfterSeconds?: number }
/** The answer of the auth server. */
export type Answered<T = unknown> = ({ ok: true } & T) | Refused
export type SignedIn = { ok: true; user: User; tokens: Tokens; device: string | null; pending?: undefined }
/**
 * The result of a sign-up that needs a verified address. The user is signed in when the mailed link is used. If the address already has an
 * account, no link was mailed.
 */
export type Mailed = { ok: true; user: null; tokens: null; pending?: undefined }
/**
 * The address was verified, and no session was opened: the user was already signed in to the account, or no session can be opened now.
 */
export type Verified = { ok: true; user: User; tokens: null; pending?: undefined }

/** The first factor was right, and a second one is missing. `handle` is the secret by which the browser continues the sign-in. */
export type Pending = {
  ok: true
  user: null
  tokens: null
  pending: Omit<PendingSignInResponse, 'pendingSignIn'>
  handle: string
}
/** The sign-in that required a new second factor is finished. The recovery codes are shown only once. */
export type SetUp = SignedIn & { recoveryCodes: string[] }

/** An outside provider was linked to the account of the user who is signed in, or has confirmed who the user is. No session begins. */
export type Linked = { ok: true; user: null; tokens: null; pending?: undefined }

/** The results of the endpoints that begin a session. */
type BegunBy = {
  signIn: SignedIn | Pending
  signUp: SignedIn | Mailed | Pending
  verifyAddress: SignedIn | Verified | Pending
  signInWithMailedCode: SignedIn | Pending
  confirmMailedSignIn: SignedIn | Pending
  proveSecondFactor: SignedIn
  finishSecondFactor: SetUp
  signInWithPasskey: SignedIn | Pending
  proveSecondFactorWithPasskey: SignedIn
  finishPasskeySetup: SignedIn
  signUpWithPasskey: SignedIn | Verified | Pending
  finishProvider: SignedIn | Pending | Linked
}
export type BeginningEndpoint = keyof BegunBy
export type Begun<Name extends BeginningEndpoint> = BegunBy[Name]

/** The parts of a request to an endpoint. */
export type Sent = {
  /** The body as the browser sent it. Only the auth server validates it. It also refuses duplicate members. */
  json?: string
  /** Members that are added to the body. */
  members?: Readonly<Record<string, string>>
  accessToken?: string | null
  /** The parameters of the path. They may contain only letters, digits, `_` and `-`. */
  parameters?: Readonly<Record<string, string>>
  query?: Readonly<Record<string, string>>
}

/** The body of an endpoint's answer. A download is returned unchanged. */
export type BodyOf<Row extends Endpoint> = Row extends {
  isLarge: true
  answers: { 200: { fileName: string } }
}
  ? { data: unknown }
  : AnswerOf<Row> extends undefined
    ? unknown
    : AnswerOf<Row>

/**
 * Calls the auth server for this front end. If the server or the network fails, nothing is thrown. Then the result has `ok: false` and a
 * problem.
 */
export type AuthServerClient = {
  /**
   * Begins a session and ends the browser's previous session. `replaces` is the refresh token of the previous session. `pendingSignIn` is
   * the handle of the sign-in that this call continues. `handle` is the secret with which the browser answers a challenge for a passkey. `mailedSignIn` is the handle of the browser that requested a mailed code.
   */
  begin<Name extends BeginningEndpoint>(
    name: Name,
    sent: Sent & {
      json: string
      replaces: string | null
      pendingSignIn?: string | null
      handle?: string | null
      mailedSignIn?: string | null
    },
    browser: BrowserDetails,
  ): Promise<Begun<Name> | Refused>
  /** Exchanges a refresh token for new tokens. */
  refresh(refreshToken: string, browser: BrowserDetails): Promise<{ ok: true; tokens: Tokens } | Refused>
  /** Ends the session of a refresh token. If the session has already ended, the result is success too. */
  signOut(refreshToken: string, browser: BrowserDetails): Promise<Answered>
  /** Calls any other endpoint. */
  call<Name extends EndpointName>(
    name: Name,
    sent: Sent,
    browser: BrowserDetails,
  ): Promise<Answered<BodyOf<(typeof endpoints)[Name]>>>
}

/** Returns a client of the auth server. It requests bearer tokens and never caches. If there is a front-end secret, the client sends it. */
export function createAuthServerClient(
  config: ConnectionConfig,
  fetchImpl: typeof fetch = fetch,
): AuthServerClient {
  const warnOfRefusal = atMostOnceAMinute(() =>
    console.error(
      `Sallyport: ${config.serverUrl.origin} refuses the front-end credential of this Next app (frontend_refused). Set SALLYPORT_FRONTEND_SECRET to one that the auth server has, and restart. Until then nobody can sign in and no session can be renewed. Sessions do not end because of this.`,
    ),
  )

  async function send(
    { method, path, isLarge = false }: Endpoint,
    { json, accessToken, parameters = {}, query = {} }: Sent,
    browser: BrowserDetails,
  ): Promise<Reply> {
    const headers = new Headers({ accept: 'application/json' })
    if (json !== undefined) headers.set('content-type', 'application/json')
    if (accessToken) headers.set('authorization', `Bearer ${accessToken}`)
    for (const [name, value] of Object.entries(frontendHeaders(config, browser))) headers.set(name, value)
    if (browser.requestId) headers.set(headerNames.requestId, browser.requestId)
    const url = new URL(
      path.replace(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? ''),
      config.serverUrl,
    )
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    try {
      const response = await fetchImpl(url, {
        method,
        headers,
        body: json ?? null,
        cache: 'no-store',
        redirect: 'manual',
        signal: AbortSignal.timeout(config.serverTimeoutMs),
      })
      const limitBytes = isLarge ? largeAnswerLimitBytes : answerLimitBytes
      const body = response.status === 204 ? null : await boundedJson(response, limitBytes)
      // The cause is the configuration of this app and not the visitor, so the visitor gets `unavailable`.
      if (isFrontendRefused(response, body)) {
        warnOfRefusal()
        return { response: null, json: null }
      }
      return { response, json: body }
    } catch {
      return { response: null, json: null }
    }
  }

  return {
    async begin(name, { json, replaces, pendingSignIn, handle, mailedSignIn, ...sent }, browser) {
      // If the refresh cookie is malformed, it is not sent, so that the user can still sign in.
      const before = refreshTokenSchema.safeParse(replaces).data
      const asked = withMembers(json, {
        transport: 'bearer',
        ...(before && { replaces: before }),
        ...(pendingSignIn && { pendingSignIn }),
        ...(handle && { handle }),
        ...(mailedSignIn && { mailedSignIn }),
      })
      const reply = await send(endpoints[name], { ...sent, json: asked }, browser)
      const read: Record<BeginningEndpoint, readonly ((reply: Reply) => object | null)[]> = {
        signIn: [signedIn, pending],
        signUp: [signedIn, mailed, pending],
        verifyAddress: [signedIn, verified, pending],
        signInWithMailedCode: [signedIn, pending],
        confirmMailedSignIn: [signedIn, pending],
        proveSecondFactor: [signedIn],
        finishSecondFactor: [setUp],
        signInWithPasskey: [signedIn, pending],
        proveSecondFactorWithPasskey: [signedIn],
        finishPasskeySetup: [signedIn],
        signUpWithPasskey: [signedIn, verified, pending],
        finishProvider: [linked, signedIn, pending],
      }
      for (const form of read[name]) {
        const begun = form(reply)
        if (begun !== null) return begun as Begun<typeof name>
      }
      return refusal(reply)
    },
    async refresh(refreshToken, browser) {
      const reply = await send(endpoints.refresh, { json: JSON.stringify({ refreshToken }) }, browser)
      const tokens = bearerTokensSchema.safeParse(reply.json)
      return reply.response?.ok && tokens.success ? { ok: true, tokens: tokens.data } : refusal(reply)
    },
    async signOut(refreshToken, browser) {
      const reply = await send(endpoints.signOut, { json: JSON.stringify({ refreshToken }) }, browser)
      return reply.response?.ok || reply.response?.status === 401 ? { ok: true } : refusal(reply)
    },
    async call(name, { members, ...sent }, browser) {
      const row: Endpoint = endpoints[name]
      if (members !== undefined && sent.json !== undefined) sent.json = withMembers(sent.json, members)
      const reply = await send(row, sent, browser)
      const body = reply.response?.ok ? bodyOf(Object.values(row.answers), reply.json) : null
      return (body === null ? refusal(reply) : { ok: true, ...body }) as never
    },
  }
}

/** Returns the body if it matches one of the endpoint's answers, else null. */
function bodyOf(answers: Answer[], json: unknown): object | null {
  for (const { schema, fileName } of answers) {
    if (schema === undefined) return {}
    // A download is not validated, because validation would remove data that a newer server has added.
    if (fileName !== undefined) return typeof json === 'object' && json !== null ? { data: json } : null
    const parsed = schema.safeParse(json)
    if (parsed.success) return parsed.data as object
  }
  return null
}

/** Returns the headers that describe the browser. Without the front-end secret, the auth server ignores them, so they are not sent. */
function frontendHeaders(
  { frontendSecret }: Pick<ConnectionConfig, 'frontendSecret'>,
  { address, userAgent, device }: BrowserDetails,
): Record<string, string> {
  if (!frontendSecret) return {}
  return {
    [headerNames.frontendCredential]: frontendSecret,
    ...(address && { [headerNames.clientAddress]: address }),
    ...(userAgent && { [headerNames.clientUserAgent]: userAgent }),
    ...(device && { [headerNames.device]: device }),
  }
}

function isFrontendRefused({ status }: Response, json: unknown): boolean {
  const parsed = problemSchema.safeParse(json)
  return status === 403 && parsed.success && parsed.data.code === 'frontend_refused'
}

function atMostOnceAMinute(work: () => void): () => void {
  let last = Number.NEGATIVE_INFINITY
  return () => {
    if (performance.now() - last < 60_000) return
    last = performance.now()
    work()
  }
}

/**
 * Adds members to a body, before its own members. It changes the text and does not parse it, because parsing would remove duplicate
 * members, and the server must see them to refuse them.
 */
function withMembers(json: string, members: Readonly<Record<string, string>>): string {
  const added = JSON.stringify(members).slice(1, -1)
  if (added === '') return json
  return json.replace(
    /^(\s*\{)(\s*\})?/,
    (_, open: string, close?: string) => `${open}${added}${close ?? ','}`,
  )
}

type Reply = { response: Response | null; json: unknown }

function signedIn({ response, json }: Reply): SignedIn | null {
  const body = signInResponseSchema.safeParse(json)
  const tokens = bearerTokensSchema.safeParse(json)
  if (!response?.ok || !body.success || !tokens.success) return null
  const device = response.headers.get(headerNames.device)
  return { ok: true, user: body.data.user, tokens: tokens.data, device }
}

function mailed({ response, json }: Reply): Mailed | null {
  const isMailed = response?.status === 202 && signUpMailedSchema.safeParse(json).success
  return isMailed ? { ok: true, user: null, tokens: null } : null
}

function pending({ response, json }: Reply): Pending | null {
  const body = pendingSignInSchema.safeParse(json)
  if (response?.status !== 202 || !body.success || body.data.pendingSignIn === undefined) return null
  const { pendingSignIn: handle, ...known } = body.data
  return { ok: true, user: null, tokens: null, pending: known, handle }
}

function linked({ response, json }: Reply): Linked | null {
  const isLinked = identityLinkedSchema.safeParse(json).success
  return response?.ok && (isLinked || providerConfirmedSchema.safeParse(json).success)
    ? { ok: true, user: null, tokens: null }
    : null
}

function setUp(reply: Reply): SetUp | null {
  const begun = signedIn(reply)
  const codes = recoveryCodesResponseSchema.safeParse(reply.json)
  return begun !== null && codes.success ? { ...begun, ...codes.data } : null
}

function verified({ response, json }: Reply): Verified | null {
  const body = profileResponseSchema.safeParse(json)
  return response?.ok && body.success ? { ok: true, user: body.data.user, tokens: null } : null
}

/** Returns the problem that the auth server sent. If it is not well-formed, returns `unavailable`, which does not end the session. */
function refusal({ response, json }: Reply): Refused {
  const parsed = problemSchema.safeParse(json)
  if (response !== null && !response.ok && parsed.success && parsed.data.status === response.status)
    return { ok: false, problem: parsed.data, ...retryAfter(response) }
  return {
    ok: false,
    problem: problem('unavailable', {
      detail: 'The sign-in service cannot be reached. Your session was not ended. Try again.',
    }),
  }
}

/** Reads `Retry-After` if it is a number of seconds. A date is ignored, because it would require synchronized clocks. */
function retryAfter({ headers }: Response): { retryAfterSeconds?: number } {
  const header = headers.get('retry-after')
  return header !== null && /^\d{1,7}$/.test(header) ? { retryAfterSeconds: Number(header) } : {}
}

/**
 * The maximum size of an answer, in bytes. The longest list has 200 sessions, each with a user agent of 512 characters that all need
 * escaping.
 */
const answerLimitBytes = 512 * 1024

/** The maximum size of a large answer, in bytes. It may have 10,000 audit events, each with a user agent of that length. */
const largeAnswerLimitBytes = 16 * 1024 * 1024
