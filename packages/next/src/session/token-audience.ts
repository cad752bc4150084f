import type { ApiTarget } from '../config/api-target.ts'
import type { NamedApi } from '../config/apis.ts'

/** @throws AudienceMissing for a token that is not meant for this API. An API without an `audience` takes any. */
export function requireAudience(api: ApiTarget | NamedApi | null, accessToken: string): void {
  if (api === null || !('audience' in api) || api.audience === null) return
  if (!namesAudience(accessToken, api.audience)) throw new AudienceMissing(api.name, api.audience)
}

/**
 * Whether a token may go to an API: it names that API's audience. The claim is read, not verified: the token is ours to send, and the API
 * verifies it.
 */
function namesAudience(accessToken: string, audience: string): boolean {
  const [, payload = ''] = accessToken.split('.')
  try {
    const { aud } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { aud?: unknown }
    return aud === audience || (Array.isArray(aud) && aud.includes(audience))
  } catch {
    // Not a JWT: nobody but its issuer can tell.
    return false
  }
}

/** The token was not sent: whoever has configured the API is told why. */
export class AudienceMissing extends TypeError {
  constructor(name: string, audience: string) {
    super(
      `api.${name}: the access token does not name the audience ${JSON.stringify(audience)}, so it was not sent. Add it to SALLYPORT_AUDIENCE of the auth server, or fix \`apis.${name}.audience\`. Tokens that are not JWTs name none.`,
    )
  }
}
