import { oidc } from './oidc.ts'
import { type OidcProvider, type ProviderOptions, requireProviderUrl } from './provider.ts'

/** The options of {@link gitlab}. */
export type GitlabOptions = ProviderOptions & {
  /** The address of your own GitLab. Default: `https://gitlab.com`. */
  url?: string
}

/**
 * Returns the provider GitLab.
 *
 * @throws TypeError when an option is missing or wrong.
 */
export function gitlab({ url = 'https://gitlab.com', ...options }: GitlabOptions): OidcProvider {
  return oidc({
    label: 'GitLab',
    ...options,
    // GitLab always issues a refresh token, and refuses this scope.
    offlineAccess: false,
    issuer: requireProviderUrl('gitlab', 'url', url),
  })
}
