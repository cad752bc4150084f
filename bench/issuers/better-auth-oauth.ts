import { createHash, randomBytes } from 'node:crypto'
import { cookieHeader, people, post } from './people.ts'

/** The API and the application that Better Auth's OAuth provider issues tokens for. */
export const betterAuthOAuth = {
  RESOURCE: 'https://billing.example.com',
  REDIRECT_URI: 'https://app.example.com/callback',
  SCOPE: 'offline_access invoice:read invoice:write customer:read',
}

/** Signs all users up, and takes each through the authorization-code flow (RFC 6749, RFC 7636) to a first refresh token. */
export async function betterAuthRefreshTokens(url: string) {
  const cookies: string[] = []
  for (const person of people)
    cookies.push(cookieHeader([await post(`${url}/api/auth/sign-up/email`, person, url)]))
  const answer = await fetch(`${url}/client`, { headers: { cookie: cookies[0] ?? '' } })
  const { client_id: clientId } = (await answer.json()) as { client_id: string }
  const refreshTokens: string[] = []
  for (const cookie of cookies) refreshTokens.push(await authorize(url, clientId, cookie))
  return { refreshTokens, form: { client_id: clientId, resource: betterAuthOAuth.RESOURCE } }
}

async function authorize(url: string, clientId: string, cookie: string): Promise<string> {
  const { RESOURCE: resource, REDIRECT_URI: redirectUri, SCOPE: scope } = betterAuthOAuth
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    resource,
    state: randomBytes(8).toString('hex'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const redirect = await fetch(`${url}/api/auth/oauth2/authorize?${query}`, { headers: { cookie } })
  // This request is not a navigation of a browser, so the response names the next URL instead of redirecting.
  const { url: target } = (await redirect.json()) as { url?: string }
  const code = target && URL.canParse(target) ? new URL(target).searchParams.get('code') : null
  if (code === null) throw new Error(`Better Auth answered ${redirect.status}, and no code.`)
  const answer = await fetch(`${url}/api/auth/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: redirectUri,
      code,
      code_verifier: verifier,
      resource,
    }),
  })
  const { refresh_token: refreshToken } = (await answer.json()) as { refresh_token?: string }
  if (refreshToken === undefined)
    throw new Error(`Better Auth answered ${answer.status}, and no refresh token.`)
  return refreshToken
}
