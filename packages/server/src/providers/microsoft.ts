import { oidc } from './oidc.ts'
import { type OidcProvider, type ProviderOptions, requireText, standardProfile, textOf } from './provider.ts'
import { ProviderError } from './provider-error.ts'

/** The options of {@link microsoft}. */
export type MicrosoftOptions = ProviderOptions & {
  /** The tenant: its id or a domain of it. Or `organizations`, `consumers` or `common` for accounts of many tenants. */
  tenant: string
  /** With `organizations` or `common`: the ids of the tenants whose accounts are let in. Default: all. */
  allowedTenants?: readonly string[]
  /**
   * Whether every address of this tenant belongs to the user. Microsoft does not verify the claim `email`: an administrator of a tenant can
   * set any address. So this is refused for `organizations`, `consumers` and `common`. Default: false, and only the claim `xms_edov` counts.
   */
  emailsAreVerified?: boolean
  /**
   * Whether your app registration adds the optional claim `auth_time` to ID tokens. Users can then confirm at Microsoft who they are.
   * Default: false.
   */
  hasAuthTime?: boolean
}

const manyTenants = ['common', 'organizations', 'consumers']

/**
 * Returns the provider Microsoft (Entra ID).
 *
 * @throws TypeError when an option is missing or wrong.
 */
export function microsoft({
  tenant: given,
  allowedTenants,
  emailsAreVerified = false,
  hasAuthTime = false,
  ...options
}: MicrosoftOptions): OidcProvider {
  const tenant = requireText('microsoft', 'tenant', given)
  if (!/^[A-Za-z\d.-]{1,128}$/.test(tenant))
    throw new TypeError(
      'microsoft(): tenant must be the id or a domain of a tenant, organizations, consumers or common.',
    )
  if (emailsAreVerified && manyTenants.includes(tenant))
    throw new TypeError(
      `microsoft(): emailsAreVerified is not allowed with tenant ${tenant}, because every tenant can set any address. Set tenant to your own tenant.`,
    )
  return oidc({
    label: 'Microsoft',
    ...options,
    // Microsoft issues a refresh token without asking the user each time.
    offlineAccess: false,
    scopes: [...(options.scopes ?? []), ...(options.keepTokens === true ? ['offline_access'] : [])],
    issuer: `https://login.microsoftonline.com/${tenant}/v2.0`,
    hasAuthTime: hasAuthTime === true,
    readsUserInfo: false,
    profile: (claims) => {
      if (allowedTenants !== undefined && !allowedTenants.includes(textOf(claims.tid) ?? ''))
        throw new ProviderError('cancelled', 'the tenant is not in allowedTenants')
      const profile = standardProfile(claims)
      // `xms_edov` says that the owner of the domain has been verified. Microsoft sends it as a boolean, as a number or as text.
      const isVerified = emailsAreVerified || [true, 1, '1', 'true'].includes(claims.xms_edov as never)
      return { ...profile, emailVerified: isVerified && profile.email !== null }
    },
  })
}
