import { cookieNames } from '@sallyport/protocol'
import type { BearerTokens } from '@sallyport/protocol/endpoints'
import type { NextAppSources } from '../measure/next-app.ts'
import type { AuthServer } from './auth-server.ts'

/** Our pages. */
export const ourApp: NextAppSources = {
  folder: 'bench/next-pages',
  sources: ['bench/next-pages/**/*.{js,jsx,mjs}', 'packages/{next,verify,protocol}/**/*.{ts,tsx,json}'],
}

/** Returns the settings of our pages for the auth server. */
export function nextEnvironment({ url, secrets }: AuthServer): NodeJS.ProcessEnv {
  return {
    SALLYPORT_URL: url,
    SALLYPORT_ISSUER: url,
    SALLYPORT_AUDIENCE: 'billing-web',
    SALLYPORT_FRONTEND_SECRET: secrets.frontendSecret,
    SALLYPORT_VERIFIER_SECRET: secrets.verifierSecret,
  }
}

/** Returns the session of a signed-in user as a `Cookie` header, with the names of the cookies on localhost. */
export function sessionCookies({ accessToken, refreshToken }: BearerTokens): string {
  const names = cookieNames({ secure: false })
  return `${names.accessToken}=${accessToken}; ${names.refreshToken}=${refreshToken}`
}
