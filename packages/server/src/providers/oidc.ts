import {
  type CallbackValues,
  type ClientAuthentication,
  commonOptions,
  type OidcProvider,
  type ProviderClaims,
  type ProviderOptions,
  type ProviderProfile,
  requireProviderUrl,
  standardProfile,
} from './provider.ts'

/** The options of {@link oidc}. */
export type OidcOptions = ProviderOptions & {
  /** The issuer, exactly as in the discovery document of the provider (`/.well-known/openid-configuration`). */
  issuer: string
  /** The text for the button. */
  label: string
  /**
   * Whether every address of this provider belongs to the user, although the provider sends no `email_verified`. Set it only for a
   * provider whose addresses you or your customer administer. Default: false.
   */
  emailsAreVerified?: boolean
  /** How the server authenticates at the token endpoint. Default: what the discovery document offers. */
  clientAuthentication?: ClientAuthentication
  /**
   * Whether users can confirm at this provider who they are, before a sensitive action. The provider must support `prompt=login`, and its ID
   * tokens must have the claim `auth_time`. Default: true.
   */
  hasAuthTime?: boolean
  /** Further parameters of the authorization request, such as `prompt`. */
  parameters?: Readonly<Record<string, string>>
  /** Whether the endpoint for user information is read, if the provider has one. Default: true. */
  readsUserInfo?: boolean
  /**
   * With `keepTokens`: whether the scope `offline_access` is requested, with `prompt=consent`, so that the provider issues a refresh token
   * (OpenID Connect Core section 11). Default: true.
   */
  offlineAccess?: boolean
  /** Reads the profile from the claims. Default: the standard claims. */
  profile?: (claims: ProviderClaims, callback: CallbackValues) => ProviderProfile
}

/** Parameters that the server sets itself. */
const ownParameters = [
  'client_id',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'redirect_uri',
  'response_mode',
  'response_type',
  'scope',
  'state',
]

/**
 * Returns a provider with OpenID Connect, such as Keycloak, Auth0 or Okta. Its discovery document is read at the first sign-in.
 *
 * @throws TypeError when an option is missing or wrong.
 * @example
 * oidc({ issuer: 'https://login.acme.example', clientId: 'app', clientSecret: secret, label: 'Acme' })
 */
export function oidc(options: OidcOptions): OidcProvider {
  const { clientAuthentication, parameters = {}, emailsAreVerified = false } = options
  const { readsUserInfo = true, hasAuthTime = true } = options
  for (const name of Object.keys(parameters))
    if (ownParameters.includes(name))
      throw new TypeError(`oidc(): parameters must not contain ${name}, because the server sets it.`)
  if (clientAuthentication !== undefined && !/^client_secret_(?:basic|post)$/.test(clientAuthentication))
    throw new TypeError('oidc(): clientAuthentication must be client_secret_basic or client_secret_post.')
  const isOffline = options.keepTokens === true && options.offlineAccess !== false
  const scopes = [...(options.scopes ?? []), ...(isOffline ? ['offline_access'] : [])]
  const common = commonOptions('oidc', { ...options, scopes }, { label: '', scope: 'openid email profile' })
  if (common.label === '')
    throw new TypeError('oidc(): label must be text, such as the name of the provider.')
  if (!common.scope.split(' ').includes('openid')) throw new TypeError('oidc(): scope must contain openid.')
  const read = options.profile ?? standardProfile
  return {
    kind: 'oidc',
    ...common,
    issuer: requireProviderUrl('oidc', 'issuer', options.issuer),
    parameters: { ...(isOffline && { prompt: 'consent' }), ...parameters },
    responseMode: 'query',
    hasPkce: true,
    hasNonce: true,
    hasAuthTime,
    readsUserInfo,
    clientAuthentication,
    profile: (claims, callback) => {
      const profile = read(claims, callback)
      return emailsAreVerified === true ? { ...profile, emailVerified: profile.email !== null } : profile
    },
  }
}
