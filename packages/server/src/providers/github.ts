import {
  commonOptions,
  memberOf,
  type OAuthProvider,
  type ProviderOptions,
  requireProviderUrl,
  textOf,
} from './provider.ts'

/** The options of {@link github}. */
export type GithubOptions = ProviderOptions & {
  /** The address of GitHub Enterprise Server. Default: `https://github.com`. */
  url?: string
}

const headers = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' }

/**
 * Returns the provider GitHub. The address is the primary one, if GitHub has verified it.
 *
 * @throws TypeError when an option is missing or wrong.
 */
export function github({ url = 'https://github.com', ...options }: GithubOptions): OAuthProvider {
  const base = requireProviderUrl('github', 'url', url).replace(/\/$/, '')
  const api = base === 'https://github.com' ? 'https://api.github.com' : `${base}/api/v3`
  const common = commonOptions('github', options, { label: 'GitHub', scope: 'read:user user:email' })
  return {
    kind: 'oauth2',
    ...common,
    issuer: `${base}/login/oauth`,
    authorizationEndpoint: `${base}/login/oauth/authorize`,
    tokenEndpoint: `${base}/login/oauth/access_token`,
    parameters: {},
    hasPkce: true,
    // GitHub issues another token at each sign-in. The end of the grant ends all of them.
    revocationRequest: (accessToken) => ({
      url: `${api}/applications/${encodeURIComponent(common.clientId)}/grant`,
      method: 'DELETE',
      headers: {
        ...headers,
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`${common.clientId}:${common.clientSecret}`).toString('base64')}`,
      },
      body: JSON.stringify({ access_token: accessToken }),
    }),
    profile: async (read) => {
      const user = await read(`${api}/user`, headers)
      const emails = await read(`${api}/user/emails`, headers)
      const list: unknown[] = Array.isArray(emails) ? emails : []
      const primary = list.find((one) => memberOf(one, 'primary') === true)
      const id = memberOf(user, 'id')
      return {
        subject: typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : '',
        email: textOf(memberOf(primary, 'email')),
        emailVerified: memberOf(primary, 'verified') === true,
        name: textOf(memberOf(user, 'name')) ?? textOf(memberOf(user, 'login')),
      }
    },
  }
}
