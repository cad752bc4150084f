import { commonOptions, memberOf, type OAuthProvider, type ProviderOptions, textOf } from './provider.ts'

/**
 * Returns the provider Discord.
 *
 * @throws TypeError when an option is missing or wrong.
 */
export function discord(options: ProviderOptions): OAuthProvider {
  return {
    kind: 'oauth2',
    ...commonOptions('discord', options, { label: 'Discord', scope: 'identify email' }),
    issuer: 'https://discord.com',
    authorizationEndpoint: 'https://discord.com/oauth2/authorize',
    tokenEndpoint: 'https://discord.com/api/oauth2/token',
    revocationEndpoint: 'https://discord.com/api/oauth2/token/revoke',
    parameters: {},
    hasPkce: true,
    profile: async (read) => {
      const user = await read('https://discord.com/api/users/@me')
      return {
        subject: textOf(memberOf(user, 'id')) ?? '',
        email: textOf(memberOf(user, 'email')),
        emailVerified: memberOf(user, 'verified') === true,
        name: textOf(memberOf(user, 'global_name')) ?? textOf(memberOf(user, 'username')),
      }
    },
  }
}
