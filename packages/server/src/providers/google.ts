import { oidc } from './oidc.ts'
import { type OidcProvider, type ProviderOptions, requireText, standardProfile } from './provider.ts'
import { ProviderError } from './provider-error.ts'

/** The options of {@link google}. */
export type GoogleOptions = ProviderOptions & {
  /** Lets in only accounts of this Google Workspace domain, such as `example.com`. Default: every Google account. */
  hostedDomain?: string
}

/**
 * Returns the provider Google.
 *
 * @throws TypeError when an option is missing or wrong.
 */
export function google({ hostedDomain, ...options }: GoogleOptions): OidcProvider {
  const domain = hostedDomain === undefined ? null : requireText('google', 'hostedDomain', hostedDomain)
  return oidc({
    label: 'Google',
    ...options,
    issuer: 'https://accounts.google.com',
    // Google sends no `auth_time`, also with `max_age`.
    hasAuthTime: false,
    readsUserInfo: false,
    // Google has no scope for a refresh token. Without `prompt`, it issues one only when the user agrees for the first time.
    offlineAccess: false,
    parameters: {
      ...(options.keepTokens === true && { access_type: 'offline', prompt: 'consent' }),
      ...(domain !== null && { hd: domain }),
    },
    profile: (claims) => {
      // The parameter `hd` only changes the page of Google. The claim decides.
      if (domain !== null && claims.hd !== domain)
        throw new ProviderError('cancelled', 'the account is not in hostedDomain')
      return standardProfile(claims)
    },
  })
}
