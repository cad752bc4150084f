import { type ErrorCode, problem, type User } from '@sallyport/protocol'
import { AuthError, type Principal } from '@sallyport/verify'
import type { BackendAnswer, CustomIssuer, Send } from '../../config/custom-issuer.ts'
import type { Refused, SignedIn } from '../auth-server-answer.ts'
import type { AuthServerClient, BrowserDetails } from '../auth-server-client.ts'
import type { Tokens } from '../session-cookies.ts'
import { issuedTokens, isToken } from './issued-tokens.ts'
import { report } from './report.ts'
import { BackendUnreachable } from './send.ts'

type Parts = {
  custom: CustomIssuer
  sendFor: (browser: BrowserDetails) => Send
  /** Verifies an access token in the same way as the pages, and returns its principal. */
  verify: (accessToken: string) => Promise<Principal>
  /** Marks an access token that the backend no longer accepts. */
  outdate: (accessToken: string) => void
}

/** Status codes that mean "wrong address or password" in common backends. */
const refusesCredentials = new Set([400, 401, 403, 404, 422])

/** The operations of a backend that issues tokens itself. */
export type TokenIssuer = {
  signIn(json: string, browser: BrowserDetails): Promise<SignedIn | Refused>
  signUp(json: string, browser: BrowserDetails): Promise<SignedIn | Refused>
  refresh: AuthServerClient['refresh']
  signOut: AuthServerClient['signOut']
  profile(accessToken: string, browser: BrowserDetails): Promise<{ ok: true; user: User } | Refused>
}

/**
 * Returns the operations of a backend that issues tokens itself. If the backend lacks an operation, that operation returns `not_found`. No
 * operation throws.
 */
export function createTokenIssuer({ custom, sendFor, verify, outdate }: Parts): TokenIssuer {
  /** Calls `ask`. If it throws, that counts as an outage, so that the session is kept. */
  async function attempt<T>(ask: () => Promise<T | Refused>): Promise<T | Refused> {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof BackendUnreachable)) report(told(error))
      return refused('unavailable')
    }
  }

  async function enter(
    json: string,
    browser: BrowserDetails,
    call: (credentials: Record<'email' | 'password' | 'name', string>, send: Send) => Promise<BackendAnswer>,
  ): Promise<SignedIn | Refused> {
    const credentials = readCredentials(json)
    if (credentials === null) return refused('invalid_request')
    return attempt(async () => {
      const send = sendFor(browser)
      const answer = await call(credentials, send)
      if (!answer.ok)
        return refusesCredentials.has(answer.status) ? refused('invalid_credentials') : outage(answer)
      const tokens = issuedTokens(custom, answer, null, Date.now())
      // If the pages would refuse the token, the sign-in must fail here. Otherwise the redirects between the page and the sign-in page
      // would never end.
      const principal = await verify(tokens.accessToken)
      const user = await readUser(principal, tokens.accessToken, send).catch(() => userOf(principal))
      return { ok: true, user, tokens, device: null }
    })
  }

  async function readUser(principal: Principal, accessToken: string, send: Send): Promise<User> {
    if (custom.profile === undefined) return userOf(principal)
    const answer = await custom.profile(accessToken, send)
    if (answer.status === 401) outdate(accessToken)
    if (!answer.ok) throw new BackendUnreachable(`profile answered ${answer.status}`)
    const { name, email } = custom.user?.(answer) ?? answer.body
    return userOf(principal, { name, email })
  }

  return {
    signIn: (json, browser) =>
      enter(json, browser, ({ email, password }, send) => custom.login({ email, password }, send)),
    signUp: async (json, browser) =>
      custom.register ? enter(json, browser, custom.register) : refused('not_found'),
    refresh(refreshToken, browser) {
      const { refresh, isEnded = ({ status }) => status === 401 || status === 403 } = custom
      if (refresh === undefined || !isToken(refreshToken)) return Promise.resolve(refused('session_ended'))
      return attempt<{ ok: true; tokens: Tokens }>(async () => {
        const answer = await refresh(refreshToken, sendFor(browser))
        if (answer.ok) return { ok: true, tokens: issuedTokens(custom, answer, refreshToken, Date.now()) }
        return isEnded(answer) ? refused('session_ended') : outage(answer)
      })
    },
    signOut(refreshToken, browser) {
      const { logout } = custom
      if (logout === undefined || !isToken(refreshToken)) return Promise.resolve({ ok: true })
      return attempt<{ ok: true }>(async () => {
        const answer = await logout(refreshToken, sendFor(browser))
        // If the backend refuses the token, it is already invalid, so the sign-out has succeeded.
        return answer.ok || refusesCredentials.has(answer.status) ? { ok: true } : outage(answer)
      })
    },
    profile: (accessToken, browser) =>
      attempt(async () => ({
        ok: true,
        user: await readUser(await verify(accessToken), accessToken, sendFor(browser)),
      })),
  }
}

/** Returns the user of a principal. Values that the backend does not provide are empty. */
function userOf(
  { userId, roles }: Principal,
  { name, email }: { name?: unknown; email?: unknown } = {},
): User {
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  return {
    id: userId,
    email: text(email),
    name: text(name),
    roles: [...roles],
    emailVerified: true,
    createdAt: 0,
  }
}

function readCredentials(json: string): Record<'email' | 'password' | 'name', string> | null {
  let body: unknown
  try {
    body = JSON.parse(json)
  } catch {
    return null
  }
  if (typeof body !== 'object' || body === null) return null
  const { email, password, name = '' } = body as Record<string, unknown>
  const isText = (value: unknown, most: number): value is string =>
    typeof value === 'string' && value.length <= most
  return isText(email, 254) && email !== '' && isText(password, 1024) && password !== '' && isText(name, 200)
    ? { email, password, name }
    : null
}

function told(error: unknown): string {
  if (error instanceof AuthError)
    return `the Next app refuses the access token that the backend has just issued: ${error.reason}. Compare it with \`access\`.`
  return error instanceof Error ? error.message : String(error)
}

export function refused(code: ErrorCode): Refused {
  return { ok: false, problem: problem(code) }
}

/** Returns an outage for an answer that is neither a success nor a refusal of the credentials. */
function outage({ status, headers }: BackendAnswer): Refused {
  const seconds = headers.get('retry-after')
  const retry = seconds !== null && /^\d{1,7}$/.test(seconds) ? { retryAfterSeconds: Number(seconds) } : {}
  return { ...refused(status === 429 ? 'too_many_requests' : 'unavailable'), ...retry }
}
