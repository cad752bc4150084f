import { longestAccessTokenLifeSeconds, organizationAudienceEnd } from '@sallyport/protocol'
import { z } from 'zod'
import { clientId, list, whole } from '../setting-values.ts'
import type { Setting } from './setting.ts'

/** What is in access tokens, and how long tokens and sessions are valid. */
export const tokenAndSessionSettings = {
  audience: {
    env: 'SALLYPORT_AUDIENCE',
    schema: list.pipe(
      z
        .array(z.string().min(1))
        .min(1, 'needs at least one name')
        .refine(
          (names) => !names.some((name) => name.endsWith(organizationAudienceEnd)),
          `has a name that ends with ${organizationAudienceEnd}. Tokens for organizations have such an audience. Leave the end out`,
        ),
    ),
    description:
      'The audience of tokens (`aud`): the names of your APIs and of your Next app, comma-separated.',
  },
  clientId: {
    env: 'SALLYPORT_CLIENT_ID',
    schema: clientId.default('first-party'),
    description:
      'The `client_id` of every access token (RFC 9068): one name for your own pages and apps, because Sallyport has no registered OAuth clients. Set it if an API or a gateway compares it.',
  },
  accessTokenTtlSeconds: {
    env: 'SALLYPORT_ACCESS_TOKEN_TTL_SECONDS',
    schema: whole(600, 1, longestAccessTokenLifeSeconds),
    unit: 'seconds',
    description: 'Lifetime of an access token.',
  },
  refreshGraceSeconds: {
    env: 'SALLYPORT_REFRESH_GRACE_SECONDS',
    schema: whole(10, 0, 60),
    unit: 'seconds',
    description: 'How long after its use a refresh token may be used again, with the same response.',
  },
  sessionIdleSeconds: {
    env: 'SALLYPORT_SESSION_IDLE_SECONDS',
    schema: whole(14 * 86_400, 60, 400 * 86_400),
    unit: 'seconds',
    description: 'A session ends after this time without a refresh.',
  },
  sessionAbsoluteSeconds: {
    env: 'SALLYPORT_SESSION_ABSOLUTE_SECONDS',
    schema: whole(90 * 86_400, 60, 400 * 86_400),
    unit: 'seconds',
    description: 'A session ends after this time, even if it is refreshed.',
  },
} as const satisfies Record<string, Setting>
