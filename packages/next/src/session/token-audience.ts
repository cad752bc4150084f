import type { ApiTarget } from '../config/api-target.ts'
import type { NamedApi } from '../config/apis.ts'

/** @throws AudienceMissing if the token lacks the audience of this API. An API without `audience` accepts all tokens. */
export function requireAudience(api: ApiTarget | NamedApi | null, accessToken: string): void {
  if (api === null || !('audience' in api) || api.audience === null) return
  if (!namesAudience(accessToken, api.audience)) throw new AudienceMissing(api.name, api.audience)
}

/**
 * Returns whether a token has the audience of an API. The claim is read, not verified: the token comes from our own cookie, and the API
 * verifies it.
 */
function namesAudience(accessToken: string, audience: string): boolean {
  const [, payload = ''] = accessToken.split('.')
  try {
    const { aud } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { aud?: unknown }
    return aud === audience || (Array.isArray(aud) && aud.includes(audience))
  } catch {
    // Not a JWT: only its issuer knows the audience.
    return false
  }
}

/** Thrown before a token is sent to an API whose audience it lacks. */
export class AudienceMissing extends TypeError {
  constructor(name: string, audience: string) {
    super(
      `api.${name}: the access token does not name the audience ${JSON.stringify(audience)}, so it was not sent. Add it to SALLYPORT_AUDIENCE of the auth server, or fix \`apis.${name}.audience\`. Tokens that are not JWTs have no readable audience.`,
    )
  }
}
