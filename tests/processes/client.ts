import { paths } from '@sallyport/protocol/endpoints'
import { vi } from 'vitest'
import {
  bearer,
  claimsOf,
  password,
  requireTokens,
  verifierSecret,
} from '../../packages/server/src/testing/sallyport.ts'

/** The answer of a server. */
export type Answer = {
  status: number
  code: string
  retryAfter: string | null
  body: Record<string, unknown>
}

export type Tokens = { accessToken: string; refreshToken: string }
export type Person = { email: string; userId: string; tokens: Tokens }

/** The maximum time that a caller waits for a response, in milliseconds. */
export const patienceMs = 10_000

/** Sends one request of a client that stores its tokens itself. Rejects if there is no response. */
export async function send(
  url: string,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  { body, token }: { body?: object; token?: string } = {},
): Promise<Answer> {
  const answer = await fetch(url + path, {
    method,
    headers: { ...(body && { 'content-type': 'application/json' }), ...(token && bearer(token)) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(patienceMs * 3),
  })
  const text = await answer.text()
  const parsed = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
  const { status, headers } = answer
  return { status, code: String(parsed.code ?? ''), retryAfter: headers.get('retry-after'), body: parsed }
}

export const refresh = (url: string, refreshToken: string) =>
  send(url, 'POST', paths.refresh, { body: { refreshToken } })

export const signOut = (url: string, refreshToken: string) =>
  send(url, 'POST', paths.signOut, { body: { refreshToken } })

export const newEmail = () => `${crypto.randomUUID()}@example.com`

export const register = (url: string, email: string) =>
  send(url, 'POST', paths.signUp, { body: { email, password, name: 'Ada', transport: 'bearer' } })

export const login = (url: string, email: string, secret = password) =>
  send(url, 'POST', paths.signIn, { body: { email, password: secret, transport: 'bearer' } })

/** Returns the tokens of a successful response. */
export function tokensOf({ status, code, body }: Answer): Tokens {
  const { accessToken, refreshToken } = body as Tokens
  if (!accessToken || !refreshToken) throw new Error(`The response has no tokens: ${status} ${code}.`)
  return { accessToken, refreshToken }
}

export async function signUp(url: string): Promise<Person> {
  const email = newEmail()
  const tokens = tokensOf(await register(url, email))
  return { email, userId: String(claimsOf(tokens.accessToken).sub), tokens }
}

export const signIn = async (url: string, email: string, secret = password) =>
  tokensOf(await login(url, email, secret))

/** Sends refreshes one after the other, to each server in turn. All of them must succeed. */
export async function refreshInTurn(urls: readonly string[], tokens: Tokens, times: number): Promise<Tokens> {
  let held = tokens
  for (let turn = 0; turn < times; turn += 1)
    held = tokensOf(await refresh(urls[turn % urls.length] as string, held.refreshToken))
  return held
}

/** Returns whether introspection at a server returns active for an access token. */
export async function isActive(url: string, accessToken: string): Promise<boolean> {
  const { status, body } = await send(url, 'POST', paths.introspect, {
    body: { token: accessToken },
    token: verifierSecret,
  })
  if (status !== 200) throw new Error(`Introspection answered ${status}.`)
  return body.active === true
}

/** Returns the id of a token's session. */
export const sidOf = ({ accessToken }: Tokens) => String(claimsOf(accessToken).sid)

/** Waits for a condition, however long a busy machine takes, and returns its value. */
export function until<T>(what: string, find: () => T | Promise<T>, seconds = 60): Promise<NonNullable<T>> {
  return vi.waitFor(
    async () => {
      const found = await find()
      if (found === null || found === undefined || found === false) throw new Error(`Not yet: ${what}.`)
      return found
    },
    { timeout: seconds * 1000, interval: 10 },
  )
}

export { bearer, claimsOf, password, requireTokens, verifierSecret }
