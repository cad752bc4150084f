import { headers as headerNames, problemSchema } from '@sallyport/protocol'
import {
  type Answer,
  type AnswerOf,
  bearerTokensSchema,
  type Endpoint,
  type EndpointName,
  endpoints,
  refreshTokenSchema,
} from '@sallyport/protocol/endpoints'
import {
  type Answered,
  type BeginningEndpoint,
  type Begun,
  begunBy,
  type Refused,
  type Reply,
  refusal,
} from './auth-server-answer.ts'
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
      return begunBy(name, reply)
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

/**
 * The maximum size of an answer, in bytes. The longest list has 200 sessions, each with a user agent of 512 characters that all need
 * escaping.
 */
const answerLimitBytes = 512 * 1024

/** The maximum size of a large answer, in bytes. It may have 10,000 audit events, each with a user agent of that length. */
const largeAnswerLimitBytes = 16 * 1024 * 1024
