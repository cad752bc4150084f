import { z } from 'zod'
import type { Setting } from './setting.ts'

const text = z
  .string({ error: 'must be text' })
  .min(1, 'is empty')
  .max(2048, 'is longer than 2,048 characters')
  .optional()

/** Outside providers. The names of the environment variables begin with the name of the provider. */
export const providerSettings = {
  googleClientId: {
    env: 'SALLYPORT_GOOGLE_CLIENT_ID',
    schema: text,
    description: 'The client id of your app at Google. With it, users can sign in with Google.',
  },
  googleClientSecret: {
    env: 'SALLYPORT_GOOGLE_CLIENT_SECRET',
    schema: text,
    secret: true,
    description: 'The client secret of your app at Google.',
  },
  microsoftClientId: {
    env: 'SALLYPORT_MICROSOFT_CLIENT_ID',
    schema: text,
    description: 'The client id of your app at Microsoft (Entra ID).',
  },
  microsoftClientSecret: {
    env: 'SALLYPORT_MICROSOFT_CLIENT_SECRET',
    schema: text,
    secret: true,
    description: 'The client secret of your app at Microsoft.',
  },
  microsoftTenant: {
    env: 'SALLYPORT_MICROSOFT_TENANT',
    schema: text,
    description:
      'The id or a domain of your Microsoft tenant. Or `organizations`, `consumers` or `common` for accounts of many tenants.',
  },
  githubClientId: {
    env: 'SALLYPORT_GITHUB_CLIENT_ID',
    schema: text,
    description: 'The client id of your app at GitHub.',
  },
  githubClientSecret: {
    env: 'SALLYPORT_GITHUB_CLIENT_SECRET',
    schema: text,
    secret: true,
    description: 'The client secret of your app at GitHub.',
  },
  oidcIssuer: {
    env: 'SALLYPORT_OIDC_ISSUER',
    schema: text,
    description:
      'The issuer of another provider with OpenID Connect, such as Keycloak or Okta. Its name is `oidc`. More providers are possible in a configuration file.',
  },
  oidcClientId: {
    env: 'SALLYPORT_OIDC_CLIENT_ID',
    schema: text,
    description: 'The client id of your app at this provider.',
  },
  oidcClientSecret: {
    env: 'SALLYPORT_OIDC_CLIENT_SECRET',
    schema: text,
    secret: true,
    description: 'The client secret of your app at this provider.',
  },
  oidcLabel: {
    env: 'SALLYPORT_OIDC_LABEL',
    schema: text,
    description: 'The text for the button of this provider, such as the name of the company.',
  },
} as const satisfies Record<string, Setting>
