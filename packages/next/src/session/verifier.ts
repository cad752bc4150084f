import { paths } from '@sallyport/protocol/endpoints'
import { createVerifier, type Verifier } from '@sallyport/verify'
import type { ConnectionConfig } from './connection-config.ts'

/** Returns the verifier of the Next app. It reads public keys and revocations from the auth server. It never has a signing key. */
export function createPageVerifier(config: ConnectionConfig): Verifier {
  return createVerifier({
    issuer: config.issuer,
    audience: config.audience,
    // Organization access requires a token with `org`, and the session one without.
    organizations: 'optional',
    jwksUrl: new URL(paths.jwks, config.serverUrl).href,
    cookies: [],
    clockToleranceSeconds: config.clockToleranceSeconds,
    ...(config.verifierSecret && {
      feed: {
        url: new URL(paths.revocations, config.serverUrl).href,
        introspectUrl: new URL(paths.introspect, config.serverUrl).href,
        credential: config.verifierSecret,
      },
    }),
  })
}
