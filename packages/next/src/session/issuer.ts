import {
  bearerTokensSchema,
  headers as headerNames,
  type Problem,
  type ProfileUpdate,
  paths,
  problem,
  problemSchema,
  profileResponseSchema,
  type SessionDescription,
  sessionsEndedResponseSchema,
  sessionsResponseSchema,
  signInResponseSchema,
  type User,
} from '@sallyport/protocol'
import type { Configuration } from '../config/configuration.ts'
import type { Tokens } from './session-cookies.ts'

/** What the browser's own connection looked like, passed on so that limits and the trail see the person and not us. */
export type Caller = { address: string | null; userAgent: string | null; requestId: string | null }

export type Refused = { ok: false; problem: Problem }
/** What the auth server came back with. */
export type Answered<T = unknown> = ({ ok: true } & T) | Refused
export type SignedIn = { ok: true; user: User; tokens: Tokens }

/** The auth server, as this front end speaks to it: always bearer, always with its own credential, never cached. */
export type Issuer = ReturnType<typeof createIssuer>

/** Calls to the auth server. None throws for what the server or the network does: each answers `ok: false` with a problem. */
export function createIssuer(config: Configuration, fetchImpl: typeof fetch = fetch) {
  async function call(
    path: string,
    caller: Caller,
    init: { method: string; json?: string; accessToken?: string },
  ): Promise<Reply> {
    const headers = new Headers({ accept: 'application/json' })
    if (init.json !== undefined) headers.set('content-type', 'application/json')
    if (init.accessToken) headers.set('authorization', `Bearer ${init.accessToken}`)
    if (config.frontendSecret) {
      headers.set(headerNames.frontendCredential, config.frontendSecret)
      if (caller.address) headers.set(headerNames.clientAddress, caller.address)
      if (caller.userAgent) headers.set(headerNames.clientUserAgent, caller.userAgent)
    }
    if (caller.requestId) headers.set(headerNames.requestId, caller.requestId)
    try {
      const response = await fetchImpl(new URL(path, config.serverUrl), {
        method: init.method,
        headers,
        body: init.json ?? null,
        cache: 'no-store',
        redirect: 'manual',
        signal: AbortSignal.timeout(config.serverTimeoutMs),
      })
      return { response, json: response.status === 204 ? null : await boundedJson(response) }
    } catch {
      return { response: null, json: null }
    }
  }

  async function signIn(path: string, json: string, caller: Caller): Promise<SignedIn | Refused> {
    const answer = await call(path, caller, { method: 'POST', json: withBearerTransport(json) })
    const signedIn = signInResponseSchema.safeParse(answer.json)
    const tokens = bearerTokensSchema.safeParse(answer.json)
    if (!answer.response?.ok || !signedIn.success || !tokens.success) return refusal(answer)
    return { ok: true, user: signedIn.data.user, tokens: tokens.data }
  }

  async function profile(
    method: 'GET' | 'PATCH',
    accessToken: string,
    caller: Caller,
    body?: ProfileUpdate,
  ): Promise<{ ok: true; user: User } | Refused> {
    const answer = await call(paths.profile, caller, {
      method,
      accessToken,
      ...(body && { json: JSON.stringify(body) }),
    })
    const parsed = profileResponseSchema.safeParse(answer.json)
    return answer.response?.ok && parsed.success ? { ok: true, user: parsed.data.user } : refusal(answer)
  }

  /** A call whose success has nothing to say. */
  async function command(
    path: string,
    caller: Caller,
    init: { method: string; json?: string; accessToken: string },
  ): Promise<Answered> {
    const answer = await call(path, caller, init)
    return answer.response?.ok ? { ok: true } : refusal(answer)
  }

  return {
    /** `json` is the body as the browser wrote it: the server alone judges it, down to a duplicate member. */
    register: (json: string, caller: Caller) => signIn(paths.register, json, caller),
    login: (json: string, caller: Caller) => signIn(paths.login, json, caller),
    /** Rotates (or repeats, DESIGN section 5) one refresh token. */
    async refresh(refreshToken: string, caller: Caller): Promise<{ ok: true; tokens: Tokens } | Refused> {
      const answer = await call(paths.refresh, caller, {
        method: 'POST',
        json: JSON.stringify({ refreshToken }),
      })
      const tokens = bearerTokensSchema.safeParse(answer.json)
      return answer.response?.ok && tokens.success ? { ok: true, tokens: tokens.data } : refusal(answer)
    },
    /** Ends the session that a refresh token belongs to. A token that is dead already is a success. */
    async logout(refreshToken: string, caller: Caller): Promise<{ ok: true } | Refused> {
      const answer = await call(paths.logout, caller, {
        method: 'POST',
        json: JSON.stringify({ refreshToken }),
      })
      return answer.response?.ok || answer.response?.status === 401 ? { ok: true } : refusal(answer)
    },
    profile: (accessToken: string, caller: Caller) => profile('GET', accessToken, caller),
    updateProfile: (body: ProfileUpdate, accessToken: string, caller: Caller) =>
      profile('PATCH', accessToken, caller, body),
    /** The live sessions of whoever the token names, their own first. */
    async sessions(
      accessToken: string,
      caller: Caller,
    ): Promise<Answered<{ sessions: SessionDescription[] }>> {
      const answer = await call(paths.sessions, caller, { method: 'GET', accessToken })
      const parsed = sessionsResponseSchema.safeParse(answer.json)
      return answer.response?.ok && parsed.success
        ? { ok: true, sessions: parsed.data.sessions }
        : refusal(answer)
    },
    /** Ends one session of theirs. `id` is a plain word: it becomes a part of the address. */
    endSession: (id: string, accessToken: string, caller: Caller) =>
      command(`${paths.sessions}/${id}`, caller, { method: 'DELETE', accessToken }),
    /** Ends all sessions of theirs, or all but the one that asks; how many. Their older tokens are out of date then. */
    async endSessions(
      { exceptCurrent }: { exceptCurrent: boolean },
      accessToken: string,
      caller: Caller,
    ): Promise<Answered<{ ended: number }>> {
      const path = exceptCurrent ? `${paths.sessions}?except=current` : paths.sessions
      const answer = await call(path, caller, { method: 'DELETE', accessToken })
      const parsed = sessionsEndedResponseSchema.safeParse(answer.json)
      return answer.response?.ok && parsed.success ? { ok: true, ended: parsed.data.ended } : refusal(answer)
    },
    /** Changes their password; every other session ends, and older tokens are out of date. `json` as for `login`. */
    changePassword: (json: string, accessToken: string, caller: Caller) =>
      command(paths.passwordChange, caller, { method: 'POST', json, accessToken }),
  }
}

/** Asks for tokens in the body. Done on the text, so that parsing here cannot hide from the server what was sent. */
function withBearerTransport(json: string): string {
  return json.replace(
    /^(\s*\{)(\s*\})?/,
    (_, open: string, close?: string) => `${open}"transport":"bearer"${close ?? ','}`,
  )
}

type Reply = { response: Response | null; json: unknown }

/** Only a well-formed 4xx problem of the server's own counts as its word; nonsense is `unavailable`, and loses nothing. */
function refusal({ response, json }: Reply): Refused {
  const parsed = problemSchema.safeParse(json)
  if (response !== null && !response.ok && parsed.success && parsed.data.status === response.status)
    return { ok: false, problem: parsed.data }
  return {
    ok: false,
    problem: problem('unavailable', {
      detail: 'The sign-in service cannot be reached. Your session is kept; try again.',
    }),
  }
}

/** Room for the longest list of sessions: two hundred, each with a user agent of 512 characters that all need escaping. */
const answerLimitBytes = 512 * 1024

async function boundedJson(response: Response): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > answerLimitBytes) return null
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return null
  }
}
