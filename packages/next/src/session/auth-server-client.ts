import {
  type Activity,
  accountDeletionResponseSchema,
  activityResponseSchema,
  bearerTokensSchema,
  headers as headerNames,
  type InboxMail,
  inboxResponseSchema,
  type Problem,
  paths,
  problem,
  problemSchema,
  profileResponseSchema,
  registrationMailedSchema,
  type SessionDescription,
  sessionsEndedResponseSchema,
  sessionsResponseSchema,
  signInResponseSchema,
  type User,
} from '@sallyport/protocol'
import { boundedJson } from './bounded-json.ts'
import type { ConnectionSettings } from './connection-settings.ts'
import type { Tokens } from './session-cookies.ts'

/** What the browser's own connection looked like, passed on so that limits and the trail see the person and not us. */
export type Caller = {
  address: string | null
  userAgent: string | null
  requestId: string | null
  /** The value by which the auth server knows the browser again. */
  device: string | null
}

/** `retryAfterSeconds`: when trying again can help, where the auth server said so. */
export type Refused = { ok: false; problem: Problem; retryAfterSeconds?: number }
/** What the auth server came back with. */
export type Answered<T = unknown> = ({ ok: true } & T) | Refused
export type SignedIn = { ok: true; user: User; tokens: Tokens; device: string | null }
/** A link has been mailed, or would have been: nobody is signed in before it is used. */
export type Mailed = { ok: true; user: null; tokens: null }
/** The address is proven, by whoever is signed in to the account already. */
export type Proven = { ok: true; user: User; tokens: null }

type Init = { method: string; json?: string; accessToken?: string | null; limitBytes?: number }

/** The auth server, as this front end speaks to it: always bearer, always with its own credential, never cached. */
export type Issuer = ReturnType<typeof createIssuer>

/** Calls to the auth server. None throws for what the server or the network does: each answers `ok: false` with a problem. */
export function createIssuer(config: ConnectionSettings, fetchImpl: typeof fetch = fetch) {
  const warnOfRefusal = atMostOnceAMinute(() =>
    console.error(
      `Sallyport: ${config.serverUrl.origin} refuses the front-end credential of these pages (frontend_refused). Set SALLYPORT_FRONTEND_SECRET to one that the auth server has, and restart. Until then nobody can sign in and no session can be renewed; no session is lost.`,
    ),
  )

  async function call(path: string, caller: Caller, init: Init): Promise<Reply> {
    const headers = new Headers({ accept: 'application/json' })
    if (init.json !== undefined) headers.set('content-type', 'application/json')
    if (init.accessToken) headers.set('authorization', `Bearer ${init.accessToken}`)
    for (const [name, value] of Object.entries(frontendHeaders(config, caller))) headers.set(name, value)
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
      const { limitBytes = answerLimitBytes } = init
      const json = response.status === 204 ? null : await boundedJson(response, limitBytes)
      // Ours to fix, and nothing that a visitor has done: to them the service is unavailable.
      if (isFrontendRefused(response, json)) {
        warnOfRefusal()
        return { response: null, json: null }
      }
      return { response, json }
    } catch {
      return { response: null, json: null }
    }
  }

  /** A call whose success is of one shape. */
  async function ask<T>(schema: Shape<T>, path: string, caller: Caller, init: Init): Promise<Answered<T>> {
    const answer = await call(path, caller, init)
    const parsed = schema.safeParse(answer.json)
    return answer.response?.ok && parsed.success ? { ok: true, ...parsed.data } : refusal(answer)
  }

  /** A call whose success has nothing to say. */
  async function command(path: string, caller: Caller, init: Init): Promise<Answered> {
    const answer = await call(path, caller, init)
    return answer.response?.ok ? { ok: true } : refusal(answer)
  }

  /** A call that may sign somebody in. */
  const enter = (path: string, json: string, caller: Caller, accessToken: string | null = null) =>
    call(path, caller, { method: 'POST', json: withBearerTransport(json), accessToken })

  return {
    /** `json` is the body as the browser wrote it: the server alone judges it, down to a duplicate member. */
    async register(json: string, caller: Caller): Promise<SignedIn | Mailed | Refused> {
      const answer = await enter(paths.register, json, caller)
      return signedIn(answer) ?? mailed(answer) ?? refusal(answer)
    },
    async login(json: string, caller: Caller): Promise<SignedIn | Refused> {
      const answer = await enter(paths.login, json, caller)
      return signedIn(answer) ?? refusal(answer)
    },
    /** Proves an address by a mailed link. Whoever is signed in to the account goes on; anybody else is signed in by it. */
    async verifyAddress(
      json: string,
      accessToken: string | null,
      caller: Caller,
    ): Promise<SignedIn | Proven | Refused> {
      const answer = await enter(paths.emailVerify, json, caller, accessToken)
      return signedIn(answer) ?? proven(answer) ?? refusal(answer)
    },
    /** Rotates (or repeats) one refresh token. */
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
    profile: (accessToken: string, caller: Caller): Promise<Answered<{ user: User }>> =>
      ask(profileResponseSchema, paths.profile, caller, { method: 'GET', accessToken }),
    /** Changes the record of whoever the token names. `json` as for `login`. */
    updateProfile: (json: string, accessToken: string, caller: Caller): Promise<Answered<{ user: User }>> =>
      ask(profileResponseSchema, paths.profile, caller, { method: 'PATCH', json, accessToken }),
    /** The live sessions of whoever the token names, their own first. */
    sessions: (accessToken: string, caller: Caller): Promise<Answered<{ sessions: SessionDescription[] }>> =>
      ask(sessionsResponseSchema, paths.sessions, caller, { method: 'GET', accessToken }),
    /** Ends one session of theirs. `id` is a plain word: it becomes a part of the address. */
    endSession: (id: string, accessToken: string, caller: Caller) =>
      command(`${paths.sessions}/${id}`, caller, { method: 'DELETE', accessToken }),
    /** Ends all sessions of theirs, or all but the one that asks; how many. Their older tokens are out of date then. */
    endSessions: (
      { exceptCurrent }: { exceptCurrent: boolean },
      accessToken: string,
      caller: Caller,
    ): Promise<Answered<{ ended: number }>> => {
      const path = exceptCurrent ? `${paths.sessions}?except=current` : paths.sessions
      return ask(sessionsEndedResponseSchema, path, caller, { method: 'DELETE', accessToken })
    },
    /** Changes their password; every other session ends, and older tokens are out of date. `json` as for `login`. */
    changePassword: (json: string, accessToken: string, caller: Caller) =>
      command(paths.passwordChange, caller, { method: 'POST', json, accessToken }),
    /** Mails a link for a new password, to whoever has an account; the answer is the same for everybody. */
    forgotPassword: (json: string, caller: Caller) =>
      command(paths.passwordForgot, caller, { method: 'POST', json }),
    /** Sets a password by a mailed link; every session of theirs ends. */
    resetPassword: (json: string, caller: Caller) =>
      command(paths.passwordReset, caller, { method: 'POST', json }),
    /** Mails the link that proves an address once more, to whoever waits for one; the answer is the same for everybody. */
    resendVerification: (json: string, caller: Caller) =>
      command(paths.emailVerification, caller, { method: 'POST', json }),
    /** Asks for another address; nothing changes before it is proven. */
    changeAddress: (json: string, accessToken: string, caller: Caller) =>
      command(paths.emailChange, caller, { method: 'POST', json, accessToken }),
    /** Puts the new address in place by the link that was mailed to it, for whoever is signed in to the account or gives its password. */
    confirmAddress: (json: string, accessToken: string | null, caller: Caller) =>
      command(paths.emailChangeConfirm, caller, { method: 'POST', json, accessToken }),
    /** Checks their password again: their session counts as freshly proven, and so do the tokens that it gets from now on. */
    reauthenticate: (json: string, accessToken: string, caller: Caller) =>
      command(paths.reauthenticate, caller, { method: 'POST', json, accessToken }),
    /** The newest lines of their own trail. */
    activity: (accessToken: string, caller: Caller): Promise<Answered<{ activity: Activity[] }>> =>
      ask(activityResponseSchema, paths.activity, caller, { method: 'GET', accessToken }),
    /** Everything that is stored about them, as the server put it together. */
    data: (accessToken: string, caller: Caller): Promise<Answered<{ data: unknown }>> =>
      ask(anyObject, paths.data, caller, { method: 'GET', accessToken, limitBytes: dataLimitBytes }),
    /** Marks their account for deletion and ends every session of theirs; when it will be gone. */
    deleteAccount: (
      json: string,
      accessToken: string,
      caller: Caller,
    ): Promise<Answered<{ deleteAt: number }>> =>
      ask(accountDeletionResponseSchema, paths.profile, caller, { method: 'DELETE', json, accessToken }),
    /** What would have been mailed; `not_found` where no developer has asked for that. */
    inbox: (caller: Caller): Promise<Answered<{ mails: InboxMail[] }>> =>
      ask(inboxResponseSchema, paths.inbox, caller, { method: 'GET', limitBytes: dataLimitBytes }),
  }
}

/** Who asks, for the auth server: believed beside the front-end credential, and not said without it. */
function frontendHeaders(
  { frontendSecret }: Pick<ConnectionSettings, 'frontendSecret'>,
  { address, userAgent, device }: Caller,
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

/** Asks for tokens in the body. Done on the text, so that parsing here cannot hide from the server what was sent. */
function withBearerTransport(json: string): string {
  return json.replace(
    /^(\s*\{)(\s*\})?/,
    (_, open: string, close?: string) => `${open}"transport":"bearer"${close ?? ','}`,
  )
}

/** What tells a shape: a schema of the protocol, mostly. */
type Shape<T> = { safeParse(json: unknown): { success: true; data: T } | { success: false } }

const anyObject: Shape<{ data: unknown }> = {
  safeParse: (json) =>
    typeof json === 'object' && json !== null ? { success: true, data: { data: json } } : { success: false },
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
  const isMailed = response?.status === 202 && registrationMailedSchema.safeParse(json).success
  return isMailed ? { ok: true, user: null, tokens: null } : null
}

function proven({ response, json }: Reply): Proven | null {
  const body = profileResponseSchema.safeParse(json)
  return response?.ok && body.success ? { ok: true, user: body.data.user, tokens: null } : null
}

/** Only a well-formed problem of the server's own counts as its word; nonsense is `unavailable`, and loses nothing. */
function refusal({ response, json }: Reply): Refused {
  const parsed = problemSchema.safeParse(json)
  if (response !== null && !response.ok && parsed.success && parsed.data.status === response.status)
    return { ok: false, problem: parsed.data, ...retryAfter(response) }
  return {
    ok: false,
    problem: problem('unavailable', {
      detail: 'The sign-in service cannot be reached. Your session is kept; try again.',
    }),
  }
}

/** Seconds alone; the header's other form, a date, asks for two clocks that agree. */
function retryAfter({ headers }: Response): { retryAfterSeconds?: number } {
  const header = headers.get('retry-after')
  return header !== null && /^\d{1,7}$/.test(header) ? { retryAfterSeconds: Number(header) } : {}
}

/** Room for the longest list of sessions: two hundred, each with a user agent of 512 characters that all need escaping. */
const answerLimitBytes = 512 * 1024

/** Room for ten thousand lines of somebody's trail, each with such a user agent. */
const dataLimitBytes = 16 * 1024 * 1024
