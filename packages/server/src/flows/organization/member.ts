import type { organizationPermissions } from '@sallyport/protocol'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { permissionsOf } from '../../services/permissions.ts'
import { consumeUserQuota } from '../../services/throttles.ts'
import type { Database } from '../../store/database.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { findMembership, type StoredMembership } from '../../store/membership.ts'
import { findOrganization, lockOrganization, type StoredOrganization } from '../../store/organization.ts'
import type { Authenticated } from '../session/authenticate.ts'

/** A permission that the auth server itself requires in an organization. */
export type OrganizationPermission = (typeof organizationPermissions)[number]

/** The caller as a member of an organization, with the permissions of their roles in it. */
export type Member = {
  organization: StoredOrganization
  membership: StoredMembership
  permissions: readonly string[]
}

type Needs = {
  /** The permission that the caller must have in the organization. */
  permission?: OrganizationPermission
  /** Whether this is also possible in an organization that will be deleted. */
  isDeletedToo?: boolean
  /** Whether this is also possible for a session that does not meet the demands of the organization. */
  isUndemanding?: boolean
}

/**
 * Returns the caller as a member of an organization, found by its id, its slug or a former slug. For somebody who is not a member, the error
 * is the same as if there were no such organization.
 *
 * @throws FlowError `not_found`; `insufficient_user_authentication` when the session does not meet the demands of the organization;
 * `forbidden` without the permission.
 */
export async function requireMember(
  context: Context,
  authenticated: Authenticated,
  idOrSlug: string,
  needs: Needs = {},
): Promise<Member> {
  const organization = await findOrganization(context.database, idOrSlug)
  return judge(context, context.database, authenticated, organization, needs)
}

/**
 * Changes an organization or its members. `change` runs in a transaction that has locked the organization, after the membership and the
 * permission of the caller were read in this transaction. So of two concurrent changes, the second one sees the result of the first.
 *
 * @throws FlowError as {@link requireMember}; `too_many_requests`.
 */
export async function changeAsMember<T>(
  context: Context,
  authenticated: Authenticated,
  idOrSlug: string,
  source: RequestSource,
  needs: Needs,
  change: (transaction: Database, member: Member) => Promise<T>,
): Promise<T> {
  const { organization } = await requireMember(context, authenticated, idOrSlug, needs)
  await consumeUserQuota(context, 'organization_change', authenticated.user.id, source)
  return inTransaction(context.database, async (transaction) => {
    const locked = await lockOrganization(transaction, organization.id)
    return change(transaction, await judge(context, transaction, authenticated, locked, needs))
  })
}

async function judge(
  context: Context,
  database: Database,
  { user, session }: Authenticated,
  organization: StoredOrganization | null,
  { permission, isDeletedToo = false, isUndemanding = false }: Needs,
): Promise<Member> {
  if (organization === null) throw new FlowError('not_found', { reason: 'no such organization' })
  const membership = await findMembership(database, organization.id, user.id)
  if (membership === null) throw new FlowError('not_found', { reason: 'not a member' })
  const now = context.clock()
  if (organization.deleteAt !== null && (!isDeletedToo || organization.deleteAt <= now))
    throw new FlowError('not_found', { reason: 'the organization is to be deleted' })
  if (!isUndemanding) requireDemands(organization, session, now)
  const permissions = permissionsInOrganization(context, membership.roles, user.emailVerifiedAt)
  if (permission !== undefined && !permissions.includes(permission)) throw new FlowError('forbidden')
  return { organization, membership, permissions }
}

/** Returns the permissions of roles in an organization. */
export function permissionsInOrganization(
  context: Pick<Context, 'config'>,
  roles: readonly string[],
  emailVerifiedAt: number | null,
): readonly string[] {
  return permissionsOf(context, { roles: [...roles], emailVerifiedAt })
}

/**
 * Checks that a session meets the demands of an organization.
 *
 * @throws FlowError `insufficient_user_authentication`, with the demands.
 */
function requireDemands(
  { demands: { secondFactor, maxAgeSeconds } }: StoredOrganization,
  { methods, authenticatedAt }: Authenticated['session'],
  now: number,
): void {
  const isStrong = !secondFactor || methods.includes('mfa')
  // If the clock was set back, the time can be in the future. The age is then unknown, so it is refused too.
  const isFresh = maxAgeSeconds === null || Math.abs(now - authenticatedAt) <= maxAgeSeconds * 1000
  if (isStrong && isFresh) return
  throw new FlowError('insufficient_user_authentication', {
    reason: 'the organization demands more of the session',
    details: { ...(secondFactor && { acr: 'aal2' }), ...(maxAgeSeconds !== null && { maxAgeSeconds }) },
  })
}

/**
 * Checks that a member may give or take these roles: nobody decides about a permission that they do not have, and only an owner decides about
 * owners.
 *
 * @throws FlowError `forbidden`.
 */
export function requireMayDecideAbout(
  context: Pick<Context, 'config'>,
  { membership, permissions }: Pick<Member, 'permissions' | 'membership'>,
  roles: readonly string[],
): void {
  const isOwners = roles.includes(context.config.organizationOwnerRole)
  const asked = permissionsInOrganization(context, roles, 0)
  if ((isOwners && !membership.isOwner) || asked.some((permission) => !permissions.includes(permission)))
    throw new FlowError('forbidden', { reason: 'the roles have permissions that the caller does not have' })
}
