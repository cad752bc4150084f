import { oidc } from './oidc.ts'
import type { OidcProvider, ProviderOptions } from './provider.ts'

/**
 * Returns the provider LinkedIn. LinkedIn refuses PKCE for web apps, and its ID tokens have no nonce. So only `state` protects the callback.
 *
 * @throws TypeError when an option is missing or wrong.
 */
export function linkedin(options: ProviderOptions): OidcProvider {
  const provider = oidc({
    label: 'LinkedIn',
    ...options,
    offlineAccess: false,
    hasAuthTime: false,
    issuer: 'https://www.linkedin.com/oauth',
    clientAuthentication: 'client_secret_post',
  })
  return { ...provider, hasPkce: false, hasNonce: false }
}
