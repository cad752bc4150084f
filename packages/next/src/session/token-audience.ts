import { organizationAudience } from '@sallyport/protocol'
import type { ApiTarget } from '../config/api-target.ts'
import type { NamedApi } from '../config/apis.ts'

/**
 * @throws AudienceMissing if the token does not have the audience of this API. For an API without the option `audience`, nothing is
 * checked.
 */
export function requireAudience(api: ApiTarget | NamedApi | null, accessToken: string): void {
  if (api === null || !('audience' in api) || api.audience === null) return
  if (!namesAudience(accessToken, api.audience)) throw new AudienceMissing(api.name, api.audience)
}

/**
 * Returns whether a token has the audience of an API. The claim is only read and not verified, because the API verifies the token.
 */
function namesAudience(accessToken: string, audience: string): boolean {
  const [, payload = ''] = accessToken.split('.')
  try {
    const { aud, org } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as {
      aud?: unknown
      org?: unknown
    }
    const wanted = org === undefined ? audience : organizationAudience(audience)
    return aud === wanted || (Array.isArray(aud) && aud.includes(wanted))
  } catch {
    // If the token is not a JWT, only its issuer knows the audience.
    return false
  }
}

/** This error is thrown before a token would be sent to an API whose audience it does not have. */
export class AudienceMissing extends TypeError {
  constructor(name: string, audience: string) {
    super(
      `api.${name}: the access token does not name the audience ${JSON.stringify(audience)}, so it was not sent. Add it to SALLYPORT_AUDIENCE of the auth server, or fix \`apis.${name}.audience\`. Tokens that are not JWTs have no readable audience.`,
    )
  }
}
