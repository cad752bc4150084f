import type { z } from 'zod'
import { accountEndpoints } from './account.ts'
import { emailEndpoints } from './email.ts'
import type { Answer, Endpoint } from './endpoint.ts'
import { mailedSignInEndpoints } from './mailed-sign-in.ts'
import { operationEndpoints } from './operation.ts'
import { tokenEndpoints } from './organization-token.ts'
import { organizationEndpoints } from './organizations.ts'
import { passkeySignUpEndpoints } from './passkey-sign-up.ts'
import { passkeyEndpoints } from './passkeys.ts'
import { passwordEndpoints } from './password.ts'
import { pendingSignInEndpoints } from './pending-sign-in.ts'
import { identityEndpoints, providerEndpoints } from './providers.ts'
import { secondFactorEndpoints } from './second-factor.ts'
import { sessionEndpoints } from './session.ts'
import { signInEndpoints } from './sign-in.ts'
import { verificationEndpoints } from './verification.ts'

export * from './account.ts'
export * from './email.ts'
export type * from './endpoint.ts'
export * from './mailed-sign-in.ts'
export * from './operation.ts'
export * from './organization-token.ts'
export * from './organizations.ts'
export * from './passkey-sign-up.ts'
export * from './passkeys.ts'
export * from './password.ts'
export * from './pending-sign-in.ts'
export * from './providers.ts'
export * from './second-factor.ts'
export * from './session.ts'
export * from './sign-in.ts'
export * from './verification.ts'

/** The endpoints that users call. The Next SDK serves them to the browser under the same paths. */
export const userEndpoints = {
  ...signInEndpoints,
  ...mailedSignInEndpoints,
  ...pendingSignInEndpoints,
  ...sessionEndpoints,
  ...passwordEndpoints,
  ...emailEndpoints,
  ...accountEndpoints,
  ...identityEndpoints,
  ...secondFactorEndpoints,
  ...passkeyEndpoints,
  ...passkeySignUpEndpoints,
} as const

/** All endpoints of the auth server, by name. */
export const endpoints = {
  ...userEndpoints,
  ...providerEndpoints,
  ...organizationEndpoints,
  ...tokenEndpoints,
  ...verificationEndpoints,
  ...operationEndpoints,
} as const

/** The name of an endpoint: a key of {@link endpoints}. */
export type EndpointName = keyof typeof endpoints

/** The path of each endpoint, relative to the origin of the auth server. */
export const paths = Object.fromEntries(
  Object.entries(endpoints).map(([name, { path }]) => [name, path]),
) as { readonly [Name in EndpointName]: (typeof endpoints)[Name]['path'] }

/** The request body of an endpoint, in the form that its schema returns. If the endpoint has no body, the type is undefined. */
export type RequestOf<Row extends Endpoint> = Row extends { request: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : undefined

/** The response bodies of an endpoint, without errors. For a response without a body, the type is undefined. */
export type AnswerOf<Row extends Endpoint> = BodyOf<Row['answers'][keyof Row['answers']]>

type BodyOf<One> = One extends Answer
  ? One extends { schema: infer Schema extends z.ZodType }
    ? z.output<Schema>
    : undefined
  : never
