import {
  type AccessTokenClaims,
  errorTable,
  type IntrospectResponse,
  permissionsOfRoles,
} from '@sallyport/protocol'
import { AuthError } from '@sallyport/verify'
import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { findOrganization } from '../../store/organization.ts'
import { verifiedClaimsOf } from '../../tokens/sign-access-token.ts'
import { sessionOf } from './authenticate.ts'

/**
 * Reports whether an access token is valid now, and returns all its claims. This is for APIs that do not verify JWTs themselves (RFC 7662
 * section 2.2). If the permissions did not fit into the token, they are added. If a token is invalid, the response is the same for every
 * reason.
 */
export async function introspect(context: Context, token: string): Promise<IntrospectResponse> {
  try {
    const principal = await context.verifier.verify(token)
    await sessionOf(context, principal)
    const { permissions_of: source, ...claims } = verifiedClaimsOf(token)
    await requireOrganization(context, claims)
    const { access } = context.config
    const added = source === 'roles' && access && { permissions: permissionsOfRoles(access, claims.roles) }
    return { ...claims, ...added, active: true, token_type: 'Bearer' }
  } catch (error) {
    // Report the token as inactive only if the token itself was refused, not after a temporary error.
    const isJudged = error instanceof AuthError || error instanceof FlowError
    if (isJudged && errorTable[error.code].status === 401) return { active: false }
    throw error
  }
}

/**
 * Checks that the organization of a token still exists, and that it has not made its tokens stale. If the membership has changed, the
 * version of the user is higher, which was checked before.
 */
async function requireOrganization(
  { database }: Context,
  { org, org_ver: version = 0 }: Pick<AccessTokenClaims, 'org' | 'org_ver'>,
): Promise<void> {
  if (org === undefined) return
  const organization = await findOrganization(database, org)
  if (organization === null || organization.deleteAt !== null || version < organization.version)
    throw new FlowError('token_stale', { reason: 'the organization has changed' })
}
