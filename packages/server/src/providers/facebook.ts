import { createHmac } from 'node:crypto'
import { commonOptions, memberOf, type OAuthProvider, type ProviderOptions, textOf } from './provider.ts'

const graph = 'https://graph.facebook.com/v23.0'

/**
 * Returns the provider Facebook. Facebook does not say whether an address is verified. So an account must exist first, and the user links
 * Facebook in the settings.
 *
 * @throws TypeError when an option is missing or wrong.
 */
export function facebook(options: ProviderOptions): OAuthProvider {
  const common = commonOptions('facebook', options, { label: 'Facebook', scope: 'email public_profile' })
  return {
    kind: 'oauth2',
    ...common,
    issuer: 'https://www.facebook.com',
    authorizationEndpoint: 'https://www.facebook.com/v23.0/dialog/oauth',
    tokenEndpoint: `${graph}/oauth/access_token`,
    parameters: {},
    hasPkce: true,
    profile: async (read, accessToken) => {
      const proof = createHmac('sha256', common.clientSecret).update(accessToken).digest('hex')
      const user = await read(`${graph}/me?fields=id,name,email&appsecret_proof=${proof}`)
      return {
        subject: textOf(memberOf(user, 'id')) ?? '',
        email: textOf(memberOf(user, 'email')),
        emailVerified: false,
        name: textOf(memberOf(user, 'name')),
      }
    },
  }
}
