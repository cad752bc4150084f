import { createPrivateKey, type KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'
import { oidc } from './oidc.ts'
import { memberOf, type OidcProvider, requireText, standardProfile, textOf } from './provider.ts'

/** The options of {@link apple}. */
export type AppleOptions = {
  /** The Services ID, such as `com.example.web`. */
  clientId: string
  /** The id of your team at Apple: ten letters and digits. */
  teamId: string
  /** The id of the private key: ten letters and digits. */
  keyId: string
  /** The private key of the file `AuthKey_….p8`, as PEM. Client secrets are signed with it. */
  privateKey: string
  /** The text for the button. Default: `Apple`. */
  label?: string
}

/** Seconds for which a client secret is valid. A new one is made for each request. */
const secretSeconds = 300

/**
 * Returns the provider Apple. Apple sends the values of the callback in a form, so your app needs https.
 *
 * @throws TypeError when an option is missing or wrong.
 */
export function apple(options: AppleOptions): OidcProvider {
  const clientId = requireText('apple', 'clientId', options.clientId)
  const teamId = requireText('apple', 'teamId', options.teamId)
  const keyId = requireText('apple', 'keyId', options.keyId)
  const key = privateKeyOf(options.privateKey)
  const provider = oidc({
    clientId,
    clientSecret: 'made for each request',
    label: options.label ?? 'Apple',
    issuer: 'https://appleid.apple.com',
    scope: 'openid name email',
    // Apple does not support `prompt=login`.
    hasAuthTime: false,
    readsUserInfo: false,
    clientAuthentication: 'client_secret_post',
    profile: (claims, callback) => ({
      ...standardProfile(claims),
      // Apple sends this claim as a boolean or as text.
      emailVerified: claims.email_verified === true || claims.email_verified === 'true',
      name: nameOf(callback.user),
    }),
  })
  return {
    ...provider,
    responseMode: 'form_post',
    clientSecret: () =>
      new SignJWT()
        .setProtectedHeader({ alg: 'ES256', kid: keyId })
        .setIssuer(teamId)
        .setSubject(clientId)
        .setAudience('https://appleid.apple.com')
        .setIssuedAt()
        .setExpirationTime(`${secretSeconds}s`)
        .sign(key),
  }
}

function privateKeyOf(pem: unknown): KeyObject {
  try {
    const key = createPrivateKey(requireText('apple', 'privateKey', pem))
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key
  } catch {
    // The error of Node could contain a part of the key.
  }
  throw new TypeError('apple(): privateKey must be the P-256 key of the file AuthKey_….p8, as PEM.')
}

/** Apple sends the name only at the first sign-in, in the form and not in the ID token. */
function nameOf(user: string | undefined): string | null {
  try {
    const name = memberOf(JSON.parse(user ?? ''), 'name')
    const parts = [textOf(memberOf(name, 'firstName')), textOf(memberOf(name, 'lastName'))]
    return textOf(parts.filter((part) => part !== null).join(' '))
  } catch {
    return null
  }
}
