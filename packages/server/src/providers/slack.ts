import { oidc } from './oidc.ts'
import type { OidcProvider, ProviderOptions } from './provider.ts'

/**
 * Returns the provider Slack. Slack refuses PKCE together with a client secret. Its ID tokens have a nonce.
 *
 * @throws TypeError when an option is missing or wrong.
 */
export function slack(options: ProviderOptions): OidcProvider {
  const provider = oidc({
    label: 'Slack',
    ...options,
    offlineAccess: false,
    hasAuthTime: false,
    issuer: 'https://slack.com',
    readsUserInfo: false,
    clientAuthentication: 'client_secret_post',
  })
  return { ...provider, hasPkce: false }
}
