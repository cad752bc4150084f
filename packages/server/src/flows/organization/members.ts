import type { Member as ListedMember, MembersResponse } from '@sallyport/protocol/endpoints'
import { faultOfRoleNames } from '../../config/roles.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { consumeUserQuota } from '../../services/throttles.ts'
import { tooLarge } from '../../services/token-size.ts'
import type { Database } from '../../store/database.ts'
import {
  dropMembership,
  findMembership,
  hasOtherOwner,
  listMembersOf,
  type ListedMember as StoredListedMember,
  type StoredMembership,
  setMemberRoles,
} from '../../store/membership.ts'
import { findUserById, outdateTokens } from '../../store/user.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { revokedUntil } from '../session/end-session.ts'
import { requireStrongProof } from '../sign-in/reauthenticate.ts'
import { changeAsMember, requireMayDecideAbout, requireMember } from './member.ts'
import { pageOf, pageSize, readAfter } from './page.ts'

/**
 * Returns a page of the members. With `search`, only those whose address begins with it.
 *
 * @throws FlowError as {@link requireMember}; `invalid_request`, `too_many_requests`.
 */
export async function listMembers(
  context: Context,
  authenticated: Authenticated,
  idOrSlug: string,
  { after, search }: { after?: string | undefined; search?: string | undefined },
  source: RequestSource,
): Promise<MembersResponse> {
  const [key = null] = readAfter(after, 1) ?? []
  await consumeUserQuota(context, 'listing', authenticated.user.id, source)
  const { organization } = await requireMember(context, authenticated, idOrSlug)
  const beginning = search?.toLowerCase()
  const found = await listMembersOf(context.database, organization.id, {
    after: key,
    search: beginning,
    limit: pageSize + 1,
  })
  const { rows, next } = pageOf(found, ({ userId, email }) => [beginning === undefined ? userId : email])
  return { members: rows.map(describeMember), next }
}

function describeMember({ userId, name, email, roles, createdAt }: StoredListedMember): ListedMember {
  return { userId, name, email, roles, joinedAt: createdAt }
}

/**
 * Checks that members can have these roles.
 *
 * @throws FlowError `invalid_request` when a role is not defined, or when their permissions would not fit into a token. Otherwise the member
 * would silently have none of them.
 */
export function requireRolesInOrganization(context: Pick<Context, 'config'>, roles: readonly string[]): void {
  const message = faultOfRoleNames(context.config, roles) ?? tooLarge(context, roles)
  if (message === null) return
  throw new FlowError('invalid_request', { details: { errors: [{ field: 'roles', message }] } })
}

/**
 * Replaces the roles of a member. Tokens with the old roles are refused as stale immediately.
 *
 * @throws FlowError as {@link changeAsMember}; `invalid_request`, `not_found`, `last_owner`; `forbidden` when the old or the new roles have
 * permissions that the caller does not have.
 */
export async function changeMember(
  context: Context,
  authenticated: Authenticated,
  idOrSlug: string,
  { userId, roles }: { userId: string; roles: string[] },
  source: RequestSource,
): Promise<ListedMember> {
  requireRolesInOrganization(context, roles)
  const needs = { permission: 'member:manage' } as const
  const changed = await changeAsMember(
    context,
    authenticated,
    idOrSlug,
    source,
    needs,
    async (transaction, member) => {
      const target = await requireMembership(transaction, member.organization.id, userId)
      requireMayDecideAbout(context, member, [...target.roles, ...roles])
      await writeRoles(context, transaction, authenticated, target, roles, source)
      const user = await findUserById(transaction, userId)
      return describeMember({ ...target, roles, name: user?.name ?? '', email: user?.email ?? '' })
    },
  )
  await context.revocations.announce()
  return changed
}

/**
 * Removes a member. Their tokens for the organization are refused immediately.
 *
 * @throws FlowError as {@link changeMember}.
 */
export async function removeMember(
  context: Context,
  authenticated: Authenticated,
  idOrSlug: string,
  userId: string,
  source: RequestSource,
): Promise<void> {
  const needs = { permission: 'member:manage' } as const
  await changeAsMember(context, authenticated, idOrSlug, source, needs, async (transaction, member) => {
    const target = await requireMembership(transaction, member.organization.id, userId)
    requireMayDecideAbout(context, member, target.roles)
    await endMembership(context, transaction, authenticated, target, source)
  })
  await context.revocations.announce()
}

/**
 * Removes the caller from an organization. This is possible for every session, also if the organization demands more.
 *
 * @throws FlowError `not_found`, `last_owner`, `too_many_requests`.
 */
export async function leaveOrganization(
  context: Context,
  authenticated: Authenticated,
  idOrSlug: string,
  source: RequestSource,
): Promise<void> {
  await changeAsMember(
    context,
    authenticated,
    idOrSlug,
    source,
    { isUndemanding: true, isDeletedToo: true },
    (transaction, { membership }) => endMembership(context, transaction, authenticated, membership, source),
  )
  await context.revocations.announce()
}

/**
 * Gives the ownership to another member. The caller keeps the other roles that they have, or gets those of the new owner if they have no
 * other.
 *
 * @throws FlowError as {@link changeAsMember}; `forbidden` when the caller is not an owner; `not_found`.
 */
export async function transferOwnership(
  context: Context,
  authenticated: Authenticated,
  idOrSlug: string,
  userId: string,
  source: RequestSource,
): Promise<void> {
  await requireStrongProof(context, authenticated)
  const owner = context.config.organizationOwnerRole
  await changeAsMember(context, authenticated, idOrSlug, source, {}, async (transaction, member) => {
    if (!member.membership.isOwner) throw new FlowError('forbidden', { reason: 'not an owner' })
    const target = await requireMembership(transaction, member.organization.id, userId)
    if (userId === member.membership.userId) return
    const kept = member.membership.roles.filter((role) => role !== owner)
    const former = kept.length > 0 ? kept : target.roles.filter((role) => role !== owner)
    const details = { action: 'ownership_transferred' } as const
    const roles = [...new Set([owner, ...target.roles])]
    await writeRoles(context, transaction, authenticated, target, roles, source, details)
    // Without any other role, the former owner stays a member without permissions.
    await writeRoles(context, transaction, authenticated, member.membership, former, source)
  })
  await context.revocations.announce()
}

async function requireMembership(
  transaction: Database,
  organizationId: string,
  userId: string,
): Promise<StoredMembership> {
  const membership = await findMembership(transaction, organizationId, userId)
  if (membership === null) throw new FlowError('not_found', { reason: 'not a member' })
  return membership
}

async function writeRoles(
  context: Context,
  transaction: Database,
  { user, session }: Authenticated,
  target: StoredMembership,
  roles: string[],
  source: RequestSource,
  { action }: { action: 'member_roles_change' | 'ownership_transferred' } = { action: 'member_roles_change' },
): Promise<void> {
  const now = context.clock()
  const isOwner = roles.includes(context.config.organizationOwnerRole)
  if (target.isOwner && !isOwner) await requireOtherOwner(transaction, target)
  await setMemberRoles(transaction, target, { roles, isOwner }, now)
  await recordAuditEvent(context, transaction, source, {
    action,
    userId: target.userId,
    actorId: user.id,
    sessionId: session.id,
    organizationId: target.organizationId,
    details: { roles: roles.join() },
  })
  await outdateTokens(transaction, target.userId, revokedUntil(now))
}

async function endMembership(
  context: Context,
  transaction: Database,
  { user, session }: Authenticated,
  target: StoredMembership,
  source: RequestSource,
): Promise<void> {
  if (target.isOwner) await requireOtherOwner(transaction, target)
  await dropMembership(transaction, target)
  await recordAuditEvent(context, transaction, source, {
    action: target.userId === user.id ? 'member_left' : 'member_removed',
    userId: target.userId,
    actorId: user.id,
    sessionId: session.id,
    organizationId: target.organizationId,
  })
  await outdateTokens(transaction, target.userId, revokedUntil(context.clock()))
}

/** The transaction has locked the organization, so two owners who leave at the same time cannot both succeed. */
export async function requireOtherOwner(transaction: Database, target: StoredMembership): Promise<void> {
  if (!(await hasOtherOwner(transaction, target)))
    throw new FlowError('last_owner', { reason: 'the user is the last owner' })
}
