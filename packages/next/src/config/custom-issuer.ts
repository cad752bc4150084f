import type { JwtRules } from '@sallyport/verify'
import { requireKnownOptions } from './known-options.ts'
import { type RefreshStore, requireRefreshStore } from './refresh-store.ts'

/** A JSON object as the backend sent it: nothing in it is judged yet. */
type JsonObject = Readonly<Record<string, unknown>>

/** What the backend came back with. */
export type BackendAnswer = {
  /** The HTTP status. */
  status: number
  /** Whether the status is 200 to 299. */
  ok: boolean
  /** The body if it is a JSON object, else an empty object. */
  body: JsonObject
  /** The cookies that the backend set, by name. They stay here: no browser ever gets them. */
  cookies: Readonly<Record<string, string>>
  /** The response headers. */
  headers: Headers
}

/** What goes along with a request to the backend. */
export type SendOptions = {
  /** Sent as `Authorization: Bearer`. */
  accessToken?: string
  /** Sent as cookies, for a backend that reads its tokens from there. */
  cookies?: Readonly<Record<string, string>>
  /** More request headers. */
  headers?: Readonly<Record<string, string>>
}

/**
 * One request to the backend: never cached, never redirected, with a time-out, the size of the answer bounded. `path` stays on the
 * backend's own origin; `body` goes as JSON, or as a form if it is a `URLSearchParams`. The browser's address (`X-Forwarded-For`)
 * and user agent, and the request id, go along.
 */
export type Send = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
  options?: SendOptions,
) => Promise<BackendAnswer>

/** What somebody typed into the sign-in form. */
export type Credentials = {
  /** As typed, not judged. */
  email: string
  /** As typed, not judged. */
  password: string
}

/** A backend that issues tokens itself, as {@link customIssuer} takes it. */
export type CustomIssuerOptions = {
  /** Where Next reaches the backend, such as `http://localhost:8000`. */
  url: string
  /** Signs somebody in. 400, 401, 403, 404 and 422 mean "wrong address or password", 429 "too often"; anything else without success is an outage. */
  login(credentials: Credentials, send: Send): Promise<BackendAnswer>
  /** Creates an account and signs in, if the backend can do that in one call. Without it there is no sign-up. */
  register?(credentials: Credentials & { name: string }, send: Send): Promise<BackendAnswer>
  /** Exchanges a refresh token. Without it a session lasts as long as its access token. */
  refresh?(refreshToken: string, send: Send): Promise<BackendAnswer>
  /**
   * Where the instances of this app keep what they must share to refresh as one. Without it each instance refreshes by itself: behind a
   * backend that takes each refresh token once, two instances sign people out, and the console says so at start. `false`: one instance
   * is all there is.
   */
  refreshStore?: RefreshStore | false
  /** Whether an answer to `refresh` means that the session is over. Everything else that is no success is an outage, and keeps it. Default: 401 and 403. */
  isEnded?(answer: BackendAnswer): boolean
  /** Ends the session at the backend. Without it, signing out forgets the tokens, here and in the browser. */
  logout?(refreshToken: string, send: Send): Promise<BackendAnswer>
  /**
   * Finds the tokens in a successful answer to `login`, `register` or `refresh`. `expiresIn` is the access token's life in seconds; a
   * JWT says it itself. A `refresh` that brings no new refresh token goes on with the old one.
   */
  tokens(answer: BackendAnswer): { accessToken: unknown; refreshToken?: unknown; expiresIn?: unknown }
  /**
   * How an access token is checked before a page renders: here, by the backend's public key, or by the backend itself. Ask it
   * (`introspect`) if its tokens are opaque or signed with a shared secret (HS256): a secret that can make tokens does not belong here.
   */
  access:
    | JwtRules
    | {
        /** A call that only the owner of a good token may make, such as "who am I". Its JSON body is what `principal` reads. 401, 403, `active: false` (RFC 7662) and a body in which `principal` finds nobody mean "not good"; everything else without success, or without a JSON object, means that nobody can tell. */
        introspect(accessToken: string, send: Send): Promise<BackendAnswer>
        /** Seconds that an answer is relied on: so long a revoked token may still see pages. Default: 5; at most 60. */
        rememberSeconds?: number
      }
  /**
   * Who a token stands for, by its claims or by the answer to `introspect`. If it throws, nobody can tell. When the person last
   * proved who they are is read from `auth_time` (OpenID Connect); without it `account.isFresh()` is always false.
   */
  principal(claims: JsonObject): {
    userId: unknown
    roles?: unknown
    permissions?: unknown
    /** What the tokens of one sign-in have in common, if the backend tells. Never what two sign-ins share: once signed out, it is refused for good. */
    sessionId?: unknown
    organizationId?: unknown
  }
  /** The signed-in person's own record, for `auth.user()`. Without it, only what `principal` says is known. */
  profile?(accessToken: string, send: Send): Promise<BackendAnswer>
  /** Finds name and address in a successful answer to `profile`. Default: its `name` and `email`. */
  user?(answer: BackendAnswer): { name?: unknown; email?: unknown }
}

/** Made by {@link customIssuer}, taken by `createAuth` and `authProxy` as `issuer`. */
export type CustomIssuer = Omit<CustomIssuerOptions, 'url'> & {
  /** Where Next reaches the backend. */
  readonly url: URL
}

const optionNames = [
  'url',
  'login',
  'register',
  'refresh',
  'refreshStore',
  'isEnded',
  'logout',
  'tokens',
  'access',
  'principal',
  'profile',
  'user',
]
const needed = ['login', 'tokens', 'principal'] as const
const optional = ['register', 'refresh', 'isEnded', 'logout', 'profile', 'user'] as const

/**
 * Adopts a backend that has login and refresh endpoints of its own: Django with SimpleJWT, ASP.NET Core Identity, an Express app
 * (docs/existing-backends.md). Its tokens go into the same HTTP-only cookies, and everything else works as with Sallyport's own server,
 * but for what the backend does not have: a list of sessions, revocation within milliseconds, a grace for refreshes.
 *
 * @throws TypeError for a misconfiguration, with a sentence on how to mend it.
 * @example
 * export const issuer = customIssuer({ url: 'http://localhost:8000', login: …, tokens: …, access: …, principal: … })
 * createAuth({ issuer })
 */
export function customIssuer(options: CustomIssuerOptions): CustomIssuer {
  requireKnownOptions('customIssuer', options, optionNames)
  for (const name of needed)
    if (typeof options[name] !== 'function')
      throw new TypeError(
        `customIssuer needs \`${name}\`, a function. docs/existing-backends.md shows one for each backend.`,
      )
  for (const name of optional)
    if (options[name] !== undefined && typeof options[name] !== 'function')
      throw new TypeError(`customIssuer: \`${name}\` must be a function, or be left out.`)
  const url = URL.canParse(options.url) ? new URL(options.url) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.username || url.password || url.pathname !== '/')
    throw new TypeError(
      'customIssuer: `url` is not an http or https origin without user and path, such as http://localhost:8000. Paths go into `send`.',
    )
  const { access } = options
  if (typeof access !== 'object' || access === null)
    throw new TypeError(
      'customIssuer needs `access`: { jwksUrl, claims }, { publicKey, claims } or { introspect }.',
    )
  if ('introspect' in access) {
    requireKnownOptions('customIssuer: `access`', access, ['introspect', 'rememberSeconds'])
    const { introspect, rememberSeconds = 5 } = access
    if (typeof introspect !== 'function')
      throw new TypeError('customIssuer: `access.introspect` must be a function.')
    if (!(rememberSeconds >= 0 && rememberSeconds <= 60))
      throw new TypeError(
        `customIssuer: \`rememberSeconds\` is ${rememberSeconds}; give a number from 0 to 60.`,
      )
  } else if (typeof access.claims !== 'object' || access.claims === null) {
    throw new TypeError(
      'customIssuer: `access.claims` is missing. Say what tells an access token from a refresh token under the same key, such as { token_type: "access" }; {} if the backend signs nothing else with it.',
    )
  }
  requireRefreshStore(options.refreshStore)
  return { ...options, url }
}
