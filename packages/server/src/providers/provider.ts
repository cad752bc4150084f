import type { UserFieldValue } from '@sallyport/protocol'
import { isLoopbackHost } from '@sallyport/protocol/loopback'

/** What a provider says about the user who has signed in there. */
export type ProviderProfile = {
  /** The id of the account at the provider. It must never change and never be given to another account. */
  subject: string
  /** The email address, or null if the provider sent none. */
  email: string | null
  /** Whether the provider has verified that the address belongs to the user. Only `true` counts. */
  emailVerified: boolean
  /** The name for a new account, or null. */
  name: string | null
  /** Values of your user fields for a new account, by name. Only fields that a sign-up may set are accepted. */
  fields?: Readonly<Record<string, UserFieldValue>>
}

/** The claims of a verified ID token. If the provider has an endpoint for user information, its claims are included. */
export type ProviderClaims = Readonly<Record<string, unknown>>

/** The values with which the provider has sent the browser back. Nobody has signed them. */
export type CallbackValues = Readonly<Record<string, string>>

/** Reads a JSON document of the provider's API with the access token of the user. */
export type ReadProviderApi = (url: string, headers?: Readonly<Record<string, string>>) => Promise<unknown>

/** A request that ends the access of your app to an account at a provider. Its answer must have a status of 200 to 299. */
export type RevocationRequest = {
  url: string
  method: 'DELETE'
  headers: Record<string, string>
  body: string
}

/** How the server authenticates at the token endpoint (RFC 6749 section 2.3.1). */
export type ClientAuthentication = 'client_secret_basic' | 'client_secret_post'

type Common = {
  /** The text for the button, such as `Google`. */
  label: string
  clientId: string
  /** The secret, or a function that makes one for each request. */
  clientSecret: string | (() => Promise<string>)
  /** The issuer (RFC 9207). Together with the subject it identifies an account at the provider. */
  issuer: string
  /** The scopes, separated by spaces. */
  scope: string
  /** Further parameters of the authorization request. */
  parameters: Readonly<Record<string, string>>
  /** Whether the tokens of the provider are stored, so that your app can call the API of the provider for the user. */
  keepsTokens: boolean
  /** Whether the provider supports PKCE (RFC 7636). False only for presets of providers that refuse it. */
  hasPkce: boolean
  clientAuthentication?: ClientAuthentication | undefined
}

/** A provider with OpenID Connect. Make it with `oidc` or with a preset. */
export type OidcProvider = Common & {
  /** The kind of the provider: OpenID Connect. */
  kind: 'oidc'
  /** How the provider sends the values of the callback: in the query, or in a form that the browser posts. */
  responseMode: 'query' | 'form_post'
  /** Whether the ID tokens of the provider have the nonce of the request. False only for presets of providers that leave it out. */
  hasNonce: boolean
  /**
   * Whether users can confirm at this provider who they are: it supports `prompt=login`, and its ID tokens say when the user has
   * authenticated (`auth_time`, OpenID Connect Core section 2).
   */
  hasAuthTime: boolean
  /** Whether the endpoint for user information is read, if the provider has one. */
  readsUserInfo: boolean
  /** Returns the user for the verified claims. */
  profile: (claims: ProviderClaims, callback: CallbackValues) => ProviderProfile
}

/** A provider with OAuth 2.0 only. Its profile comes from its own API. Make it with a preset. */
export type OAuthProvider = Common & {
  /** The kind of the provider: OAuth 2.0. */
  kind: 'oauth2'
  /** The address at which the user signs in. */
  authorizationEndpoint: string
  /** The address at which the server redeems the code. */
  tokenEndpoint: string
  /** The address at which the server revokes tokens (RFC 7009). Only if the provider has one. */
  revocationEndpoint?: string
  /** Returns the request with which the provider ends the access of your app to an account. For providers without RFC 7009. */
  revocationRequest?: (accessToken: string) => RevocationRequest
  /** Returns the user, read from the API of the provider. */
  profile: (read: ReadProviderApi, accessToken: string) => Promise<ProviderProfile>
}

/** An outside provider with which users can sign in. */
export type Provider = OidcProvider | OAuthProvider

/** The options that every provider has. */
export type ProviderOptions = {
  /** The id of your app at the provider. */
  clientId: string
  /** The secret of your app at the provider. */
  clientSecret: string
  /** The text for the button. Default: the name of the provider. */
  label?: string
  /** The scopes, separated by spaces. Default: those that the profile needs. */
  scope?: string
  /** Further scopes, such as those of an API of the provider that your app calls. They are added to `scope`. Default: none. */
  scopes?: readonly string[]
  /**
   * Whether the tokens of the provider are stored, encrypted, so that `auth.providerToken` returns them. The user is then also asked for
   * access while they are not there, if the provider needs this for a refresh token. Default: false.
   */
  keepTokens?: boolean
}

/** Providers by name. The name is part of the redirect address, so it must not change. */
export type Providers = Readonly<Record<string, Provider>>

/** The words that follow `/api/auth/providers/` in other paths. */
const reservedNames = ['start', 'finish', 'hold', 'token']

/**
 * Checks the providers.
 *
 * @throws TypeError that names the provider and says what is wrong.
 */
export function requireProviders(providers: Providers): void {
  for (const [name, provider] of Object.entries(providers)) {
    if (!/^[a-z][a-z\d-]{0,31}$/.test(name))
      throw new TypeError(
        `providers: ${JSON.stringify(name)} is not a name. Use 1 to 32 small letters, digits and hyphens, and begin with a letter.`,
      )
    if (reservedNames.includes(name)) throw new TypeError(`providers: the name ${name} is reserved.`)
    const kind: unknown = (provider as Partial<Provider> | null)?.kind
    if (kind !== 'oidc' && kind !== 'oauth2')
      throw new TypeError(`providers.${name}: make it with a function such as google() or oidc().`)
  }
}

/**
 * Returns the option as text.
 *
 * @throws TypeError when it is missing, empty or longer than 2,048 characters. The message has no value.
 */
export function requireText(provider: string, option: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= 2048) return value
  throw new TypeError(`${provider}(): ${option} must be text of 1 to 2,048 characters.`)
}

/** @throws TypeError when the text is not an https address without query and fragment. On localhost, http is accepted. */
export function requireProviderUrl(provider: string, option: string, value: unknown): string {
  const text = requireText(provider, option, value)
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && isSecure(url) && url.search === '' && url.hash === '' && url.username === '')
    return text
  throw new TypeError(
    `${provider}(): ${option} must be an https address without query and fragment, such as https://login.example.com.`,
  )
}

/** Returns whether requests to this address are encrypted or stay on this machine. */
export function isSecure(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname))
}

/** Returns the checked common options of a preset. */
export function commonOptions(
  provider: string,
  { clientId, clientSecret, label, scope, scopes = [], keepTokens = false }: ProviderOptions,
  defaults: { label: string; scope: string },
): Pick<Common, 'label' | 'clientId' | 'scope' | 'keepsTokens'> & { clientSecret: string } {
  // RFC 6749 section 3.3.
  if (!Array.isArray(scopes) || !scopes.every((one) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(one)))
    throw new TypeError(`${provider}(): scopes must be a list of texts without spaces.`)
  if (typeof keepTokens !== 'boolean') throw new TypeError(`${provider}(): keepTokens must be true or false.`)
  const own = scope === undefined ? defaults.scope : requireText(provider, 'scope', scope)
  return {
    label: label === undefined ? defaults.label : requireText(provider, 'label', label),
    clientId: requireText(provider, 'clientId', clientId),
    clientSecret: requireText(provider, 'clientSecret', clientSecret),
    scope: [...new Set([...own.split(' '), ...scopes])].join(' '),
    keepsTokens: keepTokens,
  }
}

/** The profile of standard claims (OpenID Connect Core section 5.1). `email_verified` counts only if it is `true`. */
export function standardProfile(claims: ProviderClaims): ProviderProfile {
  return {
    subject: textOf(claims.sub) ?? '',
    email: textOf(claims.email),
    emailVerified: claims.email_verified === true,
    name: textOf(claims.name),
  }
}

/** Returns a text that is not empty, otherwise null. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** Returns a member of an object of unknown type. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}
