import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import type { Database } from '../../store/database.ts'
import { inTransaction } from '../../store/group-commit.ts'
import {
  addMembership,
  dropMembership,
  findMembership,
  listMembersOf,
  type StoredMembership,
  setMemberRoles,
} from '../../store/membership.ts'
import {
  findOrganization,
  listOrganizations,
  lockOrganization,
  type StoredOrganization,
  writeOrganization,
} from '../../store/organization.ts'
import { findUserById, outdateTokens } from '../../store/user.ts'
import { requireOtherOwner, requireRolesInOrganization } from '../organization/members.ts'
import { organizationGraceMs, outdateOrganization } from '../organization/organizations.ts'
import { revokedUntil } from '../session/end-session.ts'

/** An organization as an operator sees it. Times are in milliseconds. `deleteAt` is null if it is not to be deleted. */
export type OperatorOrganization = {
  id: string
  slug: string
  name: string
  createdAt: number
  deleteAt: number | null
}

/** A member of an organization as an operator sees them. `joinedAt` is in milliseconds. */
export type OperatorMember = {
  userId: string
  email: string
  name: string
  roles: string[]
  joinedAt: number
}

const pageSize = 500

/** Yields all organizations, oldest first. Reads them in pages. */
export async function* eachOrganization({ database }: Context): AsyncGenerator<OperatorOrganization> {
  for (let after: string | null = null; ; ) {
    const page: StoredOrganization[] = await listOrganizations(database, { after, limit: pageSize })
    yield* page.map(described)
    after = page.at(-1)?.id ?? null
    if (page.length < pageSize) return
  }
}

/** Returns the organization with this id, slug or former slug, or null. */
export async function findOrganizationOf(
  { database }: Context,
  idOrSlug: string,
): Promise<OperatorOrganization | null> {
  const found = await findOrganization(database, idOrSlug)
  return found && described(found)
}

/** Yields the members of an organization, those with the oldest accounts first. */
export async function* eachMember(
  { database }: Context,
  organizationId: string,
): AsyncGenerator<OperatorMember> {
  for (let after: string | null = null; ; ) {
    const page = await listMembersOf(database, organizationId, { after, search: undefined, limit: pageSize })
    for (const { createdAt, ...member } of page) yield { ...member, joinedAt: createdAt }
    after = page.at(-1)?.userId ?? null
    if (page.length < pageSize) return
  }
}

/**
 * Gives a user these roles in an organization. A user who is not a member becomes one. Their tokens for the organization are refused as stale
 * immediately.
 *
 * @throws FlowError `not_found`; `invalid_request` when a role is not defined; `last_owner`.
 */
export async function setMember(
  context: Context,
  organizationId: string,
  userId: string,
  roles: readonly string[],
): Promise<void> {
  requireRolesInOrganization(context, roles)
  const all = [...new Set(roles)]
  const isOwner = all.includes(context.config.organizationOwnerRole)
  await changeMembers(context, organizationId, userId, async (transaction, now, membership) => {
    if (membership?.isOwner && !isOwner) await requireOtherOwner(transaction, membership)
    if (membership === null)
      await addMembership(transaction, {
        organizationId,
        userId,
        roles: all,
        isOwner,
        createdAt: now,
        updatedAt: now,
      })
    else await setMemberRoles(transaction, membership, { roles: all, isOwner }, now)
    return { action: membership === null ? 'member_joined' : 'member_roles_change', roles: all.join() }
  })
}

/**
 * Removes a member. Their tokens for the organization are refused immediately.
 *
 * @throws FlowError `not_found`; `last_owner`.
 */
export async function dropMember(context: Context, organizationId: string, userId: string): Promise<void> {
  await changeMembers(context, organizationId, userId, async (transaction, _, membership) => {
    if (membership === null) throw new FlowError('not_found', { reason: 'not a member' })
    if (membership.isOwner) await requireOtherOwner(transaction, membership)
    await dropMembership(transaction, membership)
    return { action: 'member_removed' }
  })
}

async function changeMembers(
  context: Context,
  organizationId: string,
  userId: string,
  change: (
    transaction: Database,
    now: number,
    membership: StoredMembership | null,
  ) => Promise<{ action: 'member_joined' | 'member_roles_change' | 'member_removed'; roles?: string }>,
): Promise<void> {
  await inTransaction(context.database, async (transaction) => {
    const now = context.clock()
    if ((await lockOrganization(transaction, organizationId)) === null)
      throw new FlowError('not_found', { reason: 'no such organization' })
    if ((await findUserById(transaction, userId)) === null)
      throw new FlowError('not_found', { reason: 'no such user' })
    const membership = await findMembership(transaction, organizationId, userId)
    const { action, roles } = await change(transaction, now, membership)
    await recordAuditEvent(context, transaction, null, {
      action,
      userId,
      actor: 'operator',
      organizationId,
      ...(roles !== undefined && { details: { roles } }),
    })
    await outdateTokens(transaction, userId, revokedUntil(now))
  })
  await context.revocations.announce()
}

/**
 * Marks an organization for deletion. Its tokens are refused immediately. Returns when it will be deleted, in milliseconds.
 *
 * @throws FlowError `not_found`.
 */
export async function planDeletion(context: Context, organizationId: string): Promise<number> {
  const deleteAt = context.clock() + organizationGraceMs
  await setDeletion(context, organizationId, deleteAt)
  return deleteAt
}

/**
 * Cancels the deletion of an organization. If it is not to be deleted, nothing changes.
 *
 * @throws FlowError `not_found`.
 */
export function cancelDeletion(context: Context, organizationId: string): Promise<void> {
  return setDeletion(context, organizationId, null)
}

async function setDeletion(context: Context, organizationId: string, deleteAt: number | null): Promise<void> {
  await inTransaction(context.database, async (transaction) => {
    const before = await lockOrganization(transaction, organizationId)
    if (before === null) throw new FlowError('not_found', { reason: 'no such organization' })
    if (deleteAt === before.deleteAt) return
    const isDeleted = deleteAt !== null
    const after = {
      ...before,
      deleteAt,
      version: before.version + (isDeleted ? 1 : 0),
      updatedAt: context.clock(),
    }
    await writeOrganization(transaction, before, after)
    await recordAuditEvent(context, transaction, null, {
      action: isDeleted ? 'organization_deletion_asked' : 'organization_kept',
      userId: null,
      actor: 'operator',
      organizationId,
    })
    if (isDeleted) await outdateOrganization(context, transaction, after)
  })
  await context.revocations.announce()
}

function described({ id, slug, name, createdAt, deleteAt }: StoredOrganization): OperatorOrganization {
  return { id, slug, name, createdAt, deleteAt }
}
