// The calls to Sallyport: sign in, refresh, sign out, check a session.
import { AuthError, createVerifier, type Verifier } from '@sallyport/verify'

/** The tokens in the encrypted cookie. `renewAt` is in milliseconds. */
export type Tokens = { accessToken: string; refreshToken: string; renewAt: number; roles: string[] }

type User = { id: string; name: string; email: string }
type Answer = { accessToken: string; refreshToken: string; expiresIn: number; user: User }

/** Signs in. Returns the user and the value of the device cookie, or null if the password is wrong. */
export async function login(
  credentials: { email: string; password: string },
  browser: Headers,
): Promise<{ user: User; tokens: Tokens; device: string | null } | null> {
  const response = await post('/api/auth/login', { ...credentials, transport: 'bearer' }, browser)
  if (response.status === 400 || response.status === 401) return null
  if (!response.ok) throw new Error(response.status === 429 ? 'too_many_requests' : 'unavailable')
  const answer = (await response.json()) as Answer
  return { user: answer.user, tokens: tokensOf(answer), device: response.headers.get('sallyport-device') }
}

/** Exchanges the refresh token. `ended`: the session has ended. `unavailable`: Sallyport cannot be reached, so keep the tokens. */
export async function refresh(
  refreshToken: string,
  browser: Headers,
): Promise<Tokens | 'ended' | 'unavailable'> {
  try {
    const response = await post('/api/auth/refresh', { refreshToken }, browser)
    if (response.status === 401) return 'ended'
    return response.ok ? tokensOf((await response.json()) as Answer) : 'unavailable'
  } catch {
    return 'unavailable'
  }
}

/** Ends the session. The API refuses the tokens of the session within milliseconds. */
export async function logout(refreshToken: string, browser: Headers): Promise<void> {
  await post('/api/auth/logout', { refreshToken }, browser)
}

/** Verifies a token locally: signature, expiry, and the revocations that Sallyport streams to this process. */
export async function stateOf(accessToken: string): Promise<'good' | 'ended' | 'outdated' | 'unavailable'> {
  try {
    await verifier().verify(accessToken)
    return 'good'
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    if (error.code === 'session_ended') return 'ended'
    return error.status === 401 ? 'outdated' : 'unavailable'
  }
}

/** Returns the tokens of a response. They are renewed a minute before they expire, or after half of their lifetime if that is later. */
function tokensOf({ accessToken, refreshToken, expiresIn }: Answer): Tokens {
  const renewAt = Date.now() + Math.max(expiresIn - 60, expiresIn / 2) * 1000
  return { accessToken, refreshToken, renewAt, roles: rolesIn(accessToken) }
}

/** Returns the roles in a token. The token is not verified, because it comes directly from Sallyport. */
function rolesIn(accessToken: string): string[] {
  const claims = Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()
  return (JSON.parse(claims) as { roles?: string[] }).roles ?? []
}

function post(path: string, body: object, browser: Headers): Promise<Response> {
  return fetch(new URL(path, process.env.SALLYPORT_URL), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...onBehalfOf(browser) },
    body: JSON.stringify(body),
    cache: 'no-store',
    signal: AbortSignal.timeout(10_000),
  })
}

/** Returns headers with the browser's address and user agent. Without them, all sign-ins would share the limit of this server. */
function onBehalfOf(browser: Headers): Record<string, string> {
  // During a rotation the setting has two secrets (`new,old`). The first is sent.
  const secret = process.env.SALLYPORT_FRONTEND_SECRET?.split(',')[0]?.trim()
  if (!secret)
    throw new TypeError('SALLYPORT_FRONTEND_SECRET is not set. Set it to the value that the auth server has.')
  const hops = Number(process.env.TRUSTED_PROXY_HOPS ?? 0)
  const address = hops > 0 ? browser.get('x-forwarded-for')?.split(',').at(-hops)?.trim() : undefined
  const device = browser.get('cookie')?.match(/(?:^|; )(?:__Host-)?sallyport_device=([\w-]+)/)?.[1]
  return {
    'sallyport-frontend': secret,
    'sallyport-client-user-agent': browser.get('user-agent') ?? '',
    ...(address && { 'sallyport-client-address': address }),
    ...(device && { 'sallyport-device': device }),
  }
}

/** Returns the verifier. There is one per process, although Next bundles the proxy separately from the pages. */
function verifier(): Verifier {
  const holder = globalThis as { sallyportVerifier?: Verifier }
  holder.sallyportVerifier ??= createVerifier({
    issuer: process.env.SALLYPORT_ISSUER ?? process.env.SALLYPORT_URL ?? '',
    audience: process.env.SALLYPORT_AUDIENCE ?? '',
    feed: { credential: process.env.SALLYPORT_VERIFIER_SECRET },
  })
  return holder.sallyportVerifier
}
