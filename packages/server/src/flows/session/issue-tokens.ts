import { randomUUID } from 'node:crypto'
import { organizationAudience } from '@sallyport/protocol'
import { freshProofMs } from '@sallyport/protocol/endpoints'
import type { Context } from '../../services/context.ts'
import { permissionClaims } from '../../services/token-size.ts'
import type { StoredSession } from '../../store/session.ts'
import type { StoredUser } from '../../store/user.ts'
import { type IssuedClaims, signAccessToken } from '../../tokens/sign-access-token.ts'
import type { AddedClaims } from './added-claims.ts'
import { absoluteEndOf } from './session-life.ts'

export type IssuedTokens = {
  accessToken: string
  refreshToken: string
  expiresIn: number
  refreshExpiresIn: number
  /** The value of the device cookie, set only after a sign-in. */
  device?: string
}

/**
 * The value of `auth_time` for "very long ago". It is not 0, because some programs treat 0 like a missing claim and then require no recent
 * password check.
 */
const longAgo = 1

/**
 * Returns when the password was last checked, in seconds. The result is never later than `now`, because verifiers refuse a time in the
 * future. If the clock was set back by more than ten minutes since the check, the age of the check is unknown. The check then counts as
 * very long ago.
 */
function authTimeOf({ authenticatedAt }: StoredSession, now: number): number {
  return authenticatedAt - now > freshProofMs ? longAgo : Math.floor(Math.min(now, authenticatedAt) / 1000)
}

/**
 * Returns the level of a session (NIST SP 800-63B): `aal2` if its methods contain `mfa`, which means two factors (RFC 8176 section 2),
 * otherwise `aal1`.
 */
function acrOf({ methods }: StoredSession): 'aal1' | 'aal2' {
  return methods.includes('mfa') ? 'aal2' : 'aal1'
}

type TokenMaking = Pick<Context, 'config' | 'clock' | 'refreshTokens'> & {
  signingKeys: Pick<Context['signingKeys'], 'current'>
}

/** The organization of an access token, and the roles of the user in it. */
export type TokenOrganization = { id: string; version: number; roles: readonly string[] }

/**
 * Issues an access token for a session. With an organization, the token is for this organization, and has the roles that the user has in it.
 * Every call returns a new token. `expiresIn` is in seconds.
 */
export function issueAccessToken(
  context: Omit<TokenMaking, 'refreshTokens'>,
  session: StoredSession,
  user: StoredUser,
  added: AddedClaims,
  organization?: TokenOrganization,
): Pick<IssuedTokens, 'accessToken' | 'expiresIn'> {
  const { config, clock, signingKeys } = context
  const now = clock()
  const iat = Math.floor(now / 1000)
  // An access token must expire no later than the absolute end of its session.
  const sessionEnd = absoluteEndOf(session, config)
  const expiresIn = Math.max(1, Math.min(config.accessTokenTtlSeconds, Math.floor((sessionEnd - now) / 1000)))
  const roles = [...(organization?.roles ?? user.roles)]
  const claims: IssuedClaims = {
    iss: config.issuer,
    aud: organization === undefined ? config.audience : config.audience.map(organizationAudience),
    client_id: config.clientId,
    sub: user.id,
    sid: session.id,
    ver: user.version,
    jti: randomUUID(),
    iat,
    exp: iat + expiresIn,
    auth_time: authTimeOf(session, now),
    amr: session.methods,
    acr: acrOf(session),
    roles,
    ...permissionClaims({ config }, { roles, emailVerifiedAt: user.emailVerifiedAt }),
    ...(organization && { org: organization.id, org_ver: organization.version }),
  }
  // The added claims come first, so that they cannot overwrite Sallyport's own claims.
  return { accessToken: signAccessToken({ ...added.claims, ...claims }, signingKeys.current()), expiresIn }
}

/**
 * Issues an access token and a refresh token. `generation` and `branch` identify the refresh token within its session (see
 * refresh-rule.ts). The refresh token is derived from these numbers and the session, so a repeated call returns the same refresh token. The
 * access token is new each time.
 */
export function issueTokens(
  context: TokenMaking,
  session: StoredSession,
  user: StoredUser,
  { generation, branch }: { generation: number; branch: number },
  added: AddedClaims,
): IssuedTokens {
  const { config, clock, refreshTokens } = context
  const now = clock()
  const idleEnd = now + config.sessionIdleSeconds * 1000
  return {
    ...issueAccessToken(context, session, user, added),
    refreshToken: refreshTokens.make(session.id, session.salt, generation, branch),
    refreshExpiresIn: Math.max(
      1,
      Math.floor((Math.min(idleEnd, absoluteEndOf(session, config)) - now) / 1000),
    ),
  }
}
