import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  type CustomFetch,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  refreshTokenGrant,
  type ServerMetadata,
  type TokenEndpointResponse,
  tokenRevocation,
} from 'openid-client'
import { boundedFetch, providerTimeoutSeconds } from './bounded-fetch.ts'
import {
  type CallbackValues,
  type Provider,
  type ProviderProfile,
  type Providers,
  type RevocationRequest,
  textOf,
} from './provider.ts'
import { ProviderError } from './provider-error.ts'
import { providerErrorOf } from './provider-error-of.ts'

/** The secrets of one sign-in at a provider. */
export type StartSecrets = { state: string; nonce: string; verifier: string }

/** The tokens of a user at a provider. `expiresAt` is in milliseconds. It is null if the provider does not say when the token expires. */
export type ProviderTokens = {
  accessToken: string
  /** Null if the provider has issued none. */
  refreshToken: string | null
  expiresAt: number | null
  scopes: string[]
}

/**
 * Who has signed in at the provider: the issuer, and what the provider says about the user. `authenticatedAt` is the signed time of the last
 * authentication there, in milliseconds since 1970, or null if the provider sent none. `tokens` is null if they are not kept.
 */
export type ProviderUser = ProviderProfile & {
  issuer: string
  authenticatedAt: number | null
  tokens: ProviderTokens | null
}

/** A provider of the settings, with which sign-ins can begin and finish. */
export type OpenedProvider = {
  name: string
  label: string
  /** The issuer of the settings. A sign-in that began with another issuer is not finished. */
  issuer: string
  clientId: string
  /** Whether the tokens of the provider are stored. */
  keepsTokens: boolean
  /** Whether its users can confirm there who they are. */
  canConfirm: boolean
  /**
   * Returns the address at which the user signs in. With `mustAuthenticate`, the provider is told to ask for the password also if the user
   * is signed in there.
   *
   * @throws ProviderError
   */
  authorizationUrl(redirectUrl: string, secrets: StartSecrets, mustAuthenticate: boolean): Promise<string>
  /**
   * Checks the values of the callback, redeems the code, and checks the answer.
   *
   * @throws ProviderError
   */
  finish(redirectUrl: string, secrets: StartSecrets, callback: CallbackValues): Promise<ProviderUser>
  /**
   * Exchanges a refresh token for new tokens (RFC 6749 section 6). If the provider issues no new refresh token, the result has the old one.
   *
   * @throws ProviderError `expired` when the provider does not accept the refresh token any more.
   */
  refresh(refreshToken: string, scopes: readonly string[]): Promise<ProviderTokens>
  /**
   * Revokes tokens (RFC 7009). With a refresh token, the provider also ends the access tokens that belong to it. If the provider has no
   * endpoint for this, does nothing.
   *
   * @throws ProviderError
   */
  revoke(tokens: Pick<ProviderTokens, 'accessToken' | 'refreshToken'>): Promise<void>
}

/** APIs such as that of GitHub refuse requests without this header. */
const userAgent = 'Sallyport'
/** For how long a discovery document is used, in milliseconds. */
const discoveryMs = 3_600_000

/** Prepares the providers of the settings. Sends no request, so the server starts although a provider is down. */
export function openProviders(
  providers: Providers,
  clock: () => number,
): ReadonlyMap<string, OpenedProvider> {
  return new Map(
    Object.entries(providers).map(([name, provider]) => [name, openProvider(name, provider, clock)]),
  )
}

function openProvider(name: string, provider: Provider, clock: () => number): OpenedProvider {
  const fetch = keepingDiscovery(clock)
  const configuration = () => configurationOf(provider, fetch)
  return {
    name,
    label: provider.label,
    issuer: provider.issuer,
    clientId: provider.clientId,
    keepsTokens: provider.keepsTokens,
    canConfirm: provider.kind === 'oidc' && provider.hasAuthTime,
    authorizationUrl: (redirectUrl, secrets, mustAuthenticate) =>
      guarded(async () => {
        const parameters = {
          ...(await parametersOf(provider, redirectUrl, secrets)),
          // A provider that supports only one of the two ignores the other one. With `max_age`, `auth_time` is required in the answer.
          ...(mustAuthenticate && { prompt: 'login', max_age: '0' }),
        }
        return buildAuthorizationUrl(await configuration(), parameters).href
      }),
    finish: (redirectUrl, secrets, callback) =>
      guarded(async () => {
        const config = await configuration()
        const url = new URL(redirectUrl)
        for (const [key, value] of Object.entries(callback)) url.searchParams.set(key, value)
        const tokens = await authorizationCodeGrant(config, url, {
          expectedState: secrets.state,
          ...(provider.hasPkce && { pkceCodeVerifier: secrets.verifier }),
          ...(provider.kind === 'oidc' && { idTokenExpected: true }),
          ...(provider.kind === 'oidc' && provider.hasNonce && { expectedNonce: secrets.nonce }),
        })
        const kept = provider.keepsTokens ? keptTokens(tokens, provider.scope.split(' '), clock()) : null
        if (provider.kind === 'oauth2') {
          const profile = await provider.profile(apiReader(tokens.access_token), tokens.access_token)
          return { ...withIssuer(provider.issuer, profile), authenticatedAt: null, tokens: kept }
        }
        const claims = tokens.claims()
        if (claims === undefined) throw new ProviderError('failed', 'there is no ID token')
        const hasUserInfo = config.serverMetadata().userinfo_endpoint !== undefined
        // The claims of the ID token are signed, so they take precedence.
        const info =
          provider.readsUserInfo && hasUserInfo
            ? await fetchUserInfo(config, tokens.access_token, claims.sub)
            : {}
        const profile = provider.profile({ ...info, ...claims }, callback)
        // The identity is the one that the provider has signed. A profile cannot choose another one.
        const authenticatedAt = authTimeOf(claims.auth_time)
        return {
          ...withIssuer(claims.iss, { ...profile, subject: claims.sub }),
          authenticatedAt,
          tokens: kept,
        }
      }),
    refresh: (refreshToken, scopes) =>
      guarded(async () => {
        const renewed = keptTokens(
          await refreshTokenGrant(await configuration(), refreshToken),
          scopes,
          clock(),
        )
        return { ...renewed, refreshToken: renewed.refreshToken ?? refreshToken }
      }),
    revoke: ({ accessToken, refreshToken }) =>
      guarded(async () => {
        if (provider.kind === 'oauth2' && provider.revocationRequest !== undefined)
          return endAccess(provider.revocationRequest(accessToken))
        const config = await configuration()
        if (config.serverMetadata().revocation_endpoint === undefined) return
        await tokenRevocation(config, refreshToken ?? accessToken)
      }),
  }
}

/**
 * Returns a fetch function that keeps the discovery document for an hour. Nothing else is kept, also no failure. `discovery` checks the
 * document each time, and returns a configuration without keys. So each sign-in reads the current keys of the provider, and a key that has
 * just been rotated is accepted.
 */
function keepingDiscovery(clock: () => number): CustomFetch {
  let kept: { until: number; url: string; body: string } | null = null
  return async (url, options) => {
    if (!url.includes('/.well-known/')) return boundedFetch(url, options)
    const headers = { 'content-type': 'application/json' }
    if (kept !== null && kept.url === url && clock() < kept.until) return new Response(kept.body, { headers })
    const answer = await boundedFetch(url, options)
    if (answer.status === 200) kept = { until: clock() + discoveryMs, url, body: await answer.clone().text() }
    return answer
  }
}

async function configurationOf(provider: Provider, fetch: CustomFetch): Promise<Configuration> {
  const { issuer, clientId, clientSecret } = provider
  const secret = typeof clientSecret === 'string' ? clientSecret : await clientSecret()
  const authenticate: ClientAuth = (server, ...rest) =>
    authenticationOf(provider, server)(secret)(server, ...rest)
  if (provider.kind === 'oidc')
    return discovery(new URL(issuer), clientId, undefined, authenticate, {
      [customFetch]: fetch,
      timeout: providerTimeoutSeconds,
      // Without `enableNonRepudiationChecks`, the signature of the ID token is not checked.
      execute: [enableNonRepudiationChecks, ...insecure(issuer)],
    })
  const { authorizationEndpoint, tokenEndpoint, revocationEndpoint } = provider
  const metadata = {
    issuer,
    authorization_endpoint: authorizationEndpoint,
    token_endpoint: tokenEndpoint,
    ...(revocationEndpoint !== undefined && { revocation_endpoint: revocationEndpoint }),
  }
  const config = new Configuration(metadata, clientId, undefined, authenticate)
  config[customFetch] = fetch
  config.timeout = providerTimeoutSeconds
  for (const extend of insecure(issuer)) extend(config)
  return config
}

/** Plain http is accepted only on localhost. `boundedFetch` checks each address again. */
function insecure(issuer: string): ((config: Configuration) => void)[] {
  return issuer.startsWith('http:') ? [allowInsecureRequests] : []
}

function authenticationOf(
  { clientAuthentication, kind }: Provider,
  { token_endpoint_auth_methods_supported: offered }: ServerMetadata,
): (secret: string) => ClientAuth {
  if (clientAuthentication !== undefined)
    return clientAuthentication === 'client_secret_post' ? ClientSecretPost : ClientSecretBasic
  // OpenID Connect Discovery section 3: `client_secret_basic` is the default.
  if (kind === 'oidc')
    return offered?.includes('client_secret_post') && !offered.includes('client_secret_basic')
      ? ClientSecretPost
      : ClientSecretBasic
  return ClientSecretPost
}

async function parametersOf(
  provider: Provider,
  redirectUrl: string,
  { state, nonce, verifier }: StartSecrets,
): Promise<Record<string, string>> {
  return {
    ...provider.parameters,
    redirect_uri: redirectUrl,
    scope: provider.scope,
    state,
    ...(provider.hasPkce && {
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }),
    ...(provider.kind === 'oidc' && provider.hasNonce && { nonce }),
    ...(provider.kind === 'oidc' &&
      provider.responseMode === 'form_post' && { response_mode: provider.responseMode }),
  }
}

/** Returns a function that reads the API of a provider with the access token of the user. */
function apiReader(accessToken: string) {
  return async (url: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> => {
    const answer = await boundedFetch(url, {
      method: 'GET',
      body: undefined,
      redirect: 'manual',
      headers: {
        accept: 'application/json',
        'user-agent': userAgent,
        ...headers,
        authorization: `Bearer ${accessToken}`,
      },
    })
    if (answer.status !== 200)
      throw new ProviderError('failed', `the API of the provider answered ${answer.status}`)
    return answer.json().catch(() => {
      throw new ProviderError('failed', 'the API of the provider did not send JSON')
    })
  }
}

async function endAccess({ url, headers, ...request }: RevocationRequest): Promise<void> {
  const answer = await boundedFetch(url, {
    ...request,
    redirect: 'manual',
    headers: { 'user-agent': userAgent, ...headers },
  })
  if (!answer.ok) throw new ProviderError('failed', `the API of the provider answered ${answer.status}`)
}

/** Reads the answer of the token endpoint. Without `scope`, the scopes are those that were requested (RFC 6749 section 5.1). */
function keptTokens(
  {
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_in: expiresIn,
    scope,
  }: TokenEndpointResponse,
  requested: readonly string[],
  now: number,
): ProviderTokens {
  return {
    accessToken,
    refreshToken: refreshToken ?? null,
    expiresAt:
      expiresIn !== undefined && Number.isFinite(expiresIn) ? now + Math.floor(expiresIn * 1000) : null,
    // GitHub separates them by commas.
    scopes: scope === undefined ? [...requested] : scope.split(/[ ,]+/).filter((one) => one !== ''),
  }
}

/** Returns the time of the claim `auth_time`, in milliseconds since 1970. */
function authTimeOf(seconds: unknown): number | null {
  return typeof seconds === 'number' && Number.isFinite(seconds) ? seconds * 1000 : null
}

/** @throws ProviderError when the profile has no usable subject. An empty subject would be the same for all users. */
function withIssuer(
  issuer: string,
  profile: ProviderProfile,
): Omit<ProviderUser, 'authenticatedAt' | 'tokens'> {
  const { subject, email, emailVerified, name, fields } = profile
  // OpenID Connect Core section 2: at most 255 ASCII characters.
  if (typeof subject !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(subject))
    throw new ProviderError('failed', 'the provider sent no usable subject')
  return {
    issuer,
    subject,
    email: textOf(email),
    emailVerified: emailVerified === true,
    name: textOf(name),
    ...(fields !== undefined && { fields }),
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw providerErrorOf(error)
  }
}
