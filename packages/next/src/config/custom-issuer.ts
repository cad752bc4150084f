import type { JwtRules } from '@sallyport/verify'
import { requireKnownOptions } from './known-options.ts'
import { type RefreshStore, requireRefreshStore } from './refresh-store.ts'

/** A JSON object from the backend. It is not validated yet. */
type JsonObject = Readonly<Record<string, unknown>>

/** The response of the backend. */
export type BackendAnswer = {
  /** The HTTP status. */
  status: number
  /** Whether the status is 200 to 299. */
  ok: boolean
  /** The body if it is a JSON object, else an empty object. */
  body: JsonObject
  /** The cookies that the backend set, by name. They are never sent to the browser. */
  cookies: Readonly<Record<string, string>>
  /** The response headers. */
  headers: Headers
}

/** Options of a request to the backend. */
export type SendOptions = {
  /** Sent as `Authorization: Bearer`. */
  accessToken?: string
  /** Sent as cookies, for a backend that reads its tokens from cookies. */
  cookies?: Readonly<Record<string, string>>
  /** More request headers. */
  headers?: Readonly<Record<string, string>>
}

/**
 * Sends one request to the backend. The answer is not cached, redirects are not followed, and there is a timeout and a limit on the size
 * of the answer. `path` must be on the backend's own origin. `body` is sent as JSON, or as a form if it is a `URLSearchParams`. The request
 * also contains the browser's IP address (`X-Forwarded-For`), its user agent and the request id.
 */
export type Send = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
  options?: SendOptions,
) => Promise<BackendAnswer>

/** The values of the sign-in form. */
export type Credentials = {
  /** The text that the user typed. It is not validated. */
  email: string
  /** The text that the user typed. It is not validated. */
  password: string
}

/** Options of {@link customIssuer}. They describe a backend that issues tokens itself. */
export type CustomIssuerOptions = {
  /** The origin at which Next reaches the backend, such as `http://localhost:8000`. */
  url: string
  /**
   * Signs a user in. The statuses 400, 401, 403, 404 and 422 mean "wrong address or password", and 429 means "too many requests". Every
   * other failure counts as an outage.
   */
  login(credentials: Credentials, send: Send): Promise<BackendAnswer>
  /** Creates an account and signs the user in, if the backend can do both in one call. Without this option there is no sign-up. */
  register?(credentials: Credentials & { name: string }, send: Send): Promise<BackendAnswer>
  /** Exchanges a refresh token. Without this option, a session lasts as long as its access token. */
  refresh?(refreshToken: string, send: Send): Promise<BackendAnswer>
  /**
   * The store with which several instances of this app coordinate refreshes. If the store is missing, each instance refreshes by itself,
   * and in production a warning is logged. If there are then two instances and the backend accepts each refresh token only once, users are
   * signed out. Set `false` if there is only one instance.
   */
  refreshStore?: RefreshStore | false
  /**
   * Returns whether an answer to `refresh` means that the session has ended. Every other failure counts as an outage, and the user stays
   * signed in. Default: true for 401 and 403.
   */
  isEnded?(answer: BackendAnswer): boolean
  /** Ends the session at the backend. Without this option, a sign-out only deletes the tokens, in the browser and in this process. */
  logout?(refreshToken: string, send: Send): Promise<BackendAnswer>
  /**
   * Returns the tokens in a successful answer to `login`, `register` or `refresh`. `expiresIn` is the access token's lifetime in seconds.
   * Leave it out for a JWT, which has `exp`. If the answer to `refresh` has no new refresh token, the old one is used again.
   */
  tokens(answer: BackendAnswer): { accessToken: unknown; refreshToken?: unknown; expiresIn?: unknown }
  /**
   * Says how an access token is verified before a page renders. Either this app verifies the token with the backend's public key, or the
   * backend verifies it (`introspect`). Use `introspect` if the backend's tokens are opaque or signed with a shared secret (HS256). This
   * app must not have a secret that can sign tokens.
   */
  access:
    | JwtRules
    | {
        /**
         * Calls an endpoint that requires a valid access token, such as "who am I". `principal` gets the JSON body of the answer. The token
         * is invalid if the answer is 401 or 403, if its body has `active: false` (RFC 7662), or if `principal` finds no user in the body.
         * Every other failure, and an answer that is not a JSON object, counts as an outage.
         */
        introspect(accessToken: string, send: Send): Promise<BackendAnswer>
        /** For how many seconds an answer is cached. A revoked token may still open pages during this time. Default: 5; at most 60. */
        rememberSeconds?: number
      }
  /**
   * Returns the user of a token, from the token's claims or from the answer to `introspect`. If this function throws, that counts as an
   * outage. The time of the user's last authentication is read from `auth_time` (OpenID Connect). Without `auth_time`,
   * `account.isFresh()` is always false.
   */
  principal(claims: JsonObject): {
    userId: unknown
    roles?: unknown
    permissions?: unknown
    /**
     * The id that all tokens of one sign-in have in common. Leave it out if the backend has no such id. Two sign-ins must never have the
     * same id, because after a sign-out all tokens with this id are refused.
     */
    sessionId?: unknown
    organizationId?: unknown
  }
  /**
   * Fetches the signed-in user's profile, for `auth.user()`. Without this option, `auth.user()` returns the id and roles of `principal`,
   * and an empty name and email address.
   */
  profile?(accessToken: string, send: Send): Promise<BackendAnswer>
  /** Returns name and email address from a successful answer to `profile`. Default: the members `name` and `email` of its body. */
  user?(answer: BackendAnswer): { name?: unknown; email?: unknown }
}

/** The result of {@link customIssuer}. Pass it to `createAuth` and `authProxy` as `issuer`. */
export type CustomIssuer = Omit<CustomIssuerOptions, 'url'> & {
  /** The origin at which Next reaches the backend. */
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
 * Connects a backend that has its own login and refresh endpoints, such as Django with SimpleJWT, ASP.NET Core Identity or an Express app
 * (docs/existing-backends.md). The backend's tokens are stored in the same HttpOnly cookies. Everything works as with Sallyport's auth
 * server, except for features that such a backend does not have: a list of sessions, revocation within milliseconds, and a grace period (a
 * time in which a used refresh token is accepted again).
 *
 * @throws TypeError if an option is wrong or missing. The message says how to fix it.
 * @example
 * export const issuer = customIssuer({ url: 'http://localhost:8000', login: …, tokens: …, access: …, principal: … })
 * createAuth({ issuer })
 */
export function customIssuer(options: CustomIssuerOptions): CustomIssuer {
  requireKnownOptions('customIssuer', options, optionNames)
  for (const name of needed)
    if (typeof options[name] !== 'function')
      throw new TypeError(
        `customIssuer needs the function \`${name}\`. docs/existing-backends.md has an example for each backend.`,
      )
  for (const name of optional)
    if (options[name] !== undefined && typeof options[name] !== 'function')
      throw new TypeError(`customIssuer: \`${name}\` must be a function, or must be left out.`)
  const url = URL.canParse(options.url) ? new URL(options.url) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.username || url.password || url.pathname !== '/')
    throw new TypeError(
      'customIssuer: `url` must be an http or https origin without user and path, such as http://localhost:8000. Give the paths to `send`.',
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
      'customIssuer: `access.claims` is missing. Give the claims that distinguish an access token from a refresh token under the same key, such as { token_type: "access" }, or {} if the backend signs nothing else with it.',
    )
  }
  requireRefreshStore(options.refreshStore)
  return { ...options, url }
}
