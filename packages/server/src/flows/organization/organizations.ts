import type { OrganizationDemands } from '@sallyport/protocol'
import type { Organization, OrganizationsResponse } from '@sallyport/protocol/endpoints'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { consumeUserQuota } from '../../services/throttles.ts'
import type { Database } from '../../store/database.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { addMembership, listOrganizationsOf } from '../../store/membership.ts'
import {
  addOrganization,
  deleteDueOrganizations,
  type StoredOrganization,
  writeOrganization,
} from '../../store/organization.ts'
import { addRevocation } from '../../store/revocation.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { revokedUntil } from '../session/end-session.ts'
import { requireStrongProof } from '../sign-in/reauthenticate.ts'
import { describeOrganization } from './describe.ts'
import { changeAsMember, permissionsInOrganization, requireMember } from './member.ts'
import { pageOf, pageSize, readAfter } from './page.ts'
import { slugFrom } from './slug.ts'

/** Milliseconds between the request and the deletion of an organization. */
export const organizationGraceMs = 14 * 86_400_000

/**
 * Returns a page of the organizations of the user, by name.
 *
 * @throws FlowError `invalid_request`, `too_many_requests`.
 */
export async function listOwnOrganizations(
  context: Context,
  { user }: Authenticated,
  after: string | undefined,
  source: RequestSource,
): Promise<OrganizationsResponse> {
  const key = readAfter(after, 2)
  await consumeUserQuota(context, 'listing', user.id, source)
  const found = await listOrganizationsOf(context.database, user.id, {
    after: key && { name: key[0] ?? '', id: key[1] ?? '' },
    limit: pageSize + 1,
  })
  const { rows, next } = pageOf(found, ({ name, id }) => [name, id])
  return { organizations: rows.map(({ id, slug, name, roles }) => ({ id, slug, name, roles })), next }
}

/**
 * Creates an organization. The user becomes its owner.
 *
 * @throws FlowError `slug_taken`, `too_many_requests`.
 */
export async function createOrganization(
  context: Context,
  { user, session }: Authenticated,
  { name, slug }: { name: string; slug?: string | undefined },
  source: RequestSource,
): Promise<Organization> {
  const { database, clock, config, newId } = context
  await consumeUserQuota(context, 'organization', user.id, source)
  return inTransaction(database, async (transaction) => {
    const now = clock()
    const organization: StoredOrganization = {
      id: newId(),
      slug: slug ?? slugFrom(name, context.randomBytes),
      name,
      version: 0,
      demands: { secondFactor: false, maxAgeSeconds: null },
      createdAt: now,
      updatedAt: now,
      deleteAt: null,
    }
    if (!(await addOrganization(transaction, organization))) throw slugTaken()
    const membership = {
      organizationId: organization.id,
      userId: user.id,
      roles: [config.organizationOwnerRole],
      isOwner: true,
      createdAt: now,
      updatedAt: now,
    }
    await addMembership(transaction, membership)
    await recordAuditEvent(context, transaction, source, {
      action: 'organization_created',
      userId: user.id,
      sessionId: session.id,
      organizationId: organization.id,
    })
    const permissions = permissionsInOrganization(context, membership.roles, user.emailVerifiedAt)
    return describeOrganization({ organization, membership, permissions })
  })
}

/**
 * Returns an organization of the user.
 *
 * @throws FlowError as {@link requireMember}.
 */
export async function readOrganization(
  context: Context,
  authenticated: Authenticated,
  idOrSlug: string,
): Promise<Organization> {
  return describeOrganization(await requireMember(context, authenticated, idOrSlug, { isDeletedToo: true }))
}

/**
 * Changes the name, the address or the demands of an organization. A former address still leads to it. If it demands more than before, or
 * has another name or address, its tokens become stale immediately. Stronger demands require a session that meets them, so that the caller does not lock themselves out.
 *
 * @throws FlowError as {@link changeAsMember}; `slug_taken`.
 */
export async function updateOrganization(
  context: Context,
  authenticated: Authenticated,
  idOrSlug: string,
  update: {
    name?: string | undefined
    slug?: string | undefined
    demands?: OrganizationDemands | undefined
  },
  source: RequestSource,
): Promise<Organization> {
  const needs = { permission: 'organization:manage' } as const
  const changed = await changeAsMember(
    context,
    authenticated,
    idOrSlug,
    source,
    needs,
    async (transaction, member) => {
      const before = member.organization
      const demands = update.demands ?? before.demands
      const { name = before.name, slug = before.slug } = update
      // Front ends keep the name and the slug together with a token.
      const isOutdated = demandsMore(demands, before.demands) || name !== before.name || slug !== before.slug
      const after: StoredOrganization = {
        ...before,
        name,
        slug,
        demands,
        version: before.version + (isOutdated ? 1 : 0),
        updatedAt: context.clock(),
      }
      if (!(await writeOrganization(transaction, before, after))) throw slugTaken()
      await recordAuditEvent(context, transaction, source, {
        action: 'organization_changed',
        userId: authenticated.user.id,
        sessionId: authenticated.session.id,
        organizationId: after.id,
        details: changesOf(before, after),
      })
      if (isOutdated) await outdateOrganization(context, transaction, after)
      return describeOrganization({ ...member, organization: after })
    },
  )
  await context.revocations.announce()
  return changed
}

/**
 * Marks an organization for deletion. Its tokens are refused immediately. Returns when it will be deleted.
 *
 * @throws FlowError as {@link changeAsMember}.
 */
export async function askToDeleteOrganization(
  context: Context,
  authenticated: Authenticated,
  idOrSlug: string,
  source: RequestSource,
): Promise<number> {
  await requireStrongProof(context, authenticated)
  const deleteAt = context.clock() + organizationGraceMs
  const needs = { permission: 'organization:delete' } as const
  await changeAsMember(context, authenticated, idOrSlug, source, needs, async (transaction, member) => {
    const before = member.organization
    const after = { ...before, deleteAt, version: before.version + 1, updatedAt: context.clock() }
    await writeOrganization(transaction, before, after)
    await recordAuditEvent(context, transaction, source, {
      action: 'organization_deletion_asked',
      userId: authenticated.user.id,
      sessionId: authenticated.session.id,
      organizationId: after.id,
    })
    await outdateOrganization(context, transaction, after)
  })
  await context.revocations.announce()
  return deleteAt
}

/**
 * Cancels the deletion of an organization. If it is not to be deleted, nothing changes.
 *
 * @throws FlowError as {@link changeAsMember}.
 */
export function keepOrganization(
  context: Context,
  authenticated: Authenticated,
  idOrSlug: string,
  source: RequestSource,
): Promise<Organization> {
  const needs = { permission: 'organization:delete', isDeletedToo: true } as const
  return changeAsMember(context, authenticated, idOrSlug, source, needs, async (transaction, member) => {
    const before = member.organization
    const after = { ...before, deleteAt: null, updatedAt: context.clock() }
    if (before.deleteAt !== null) {
      await writeOrganization(transaction, before, after)
      await recordAuditEvent(context, transaction, source, {
        action: 'organization_kept',
        userId: authenticated.user.id,
        sessionId: authenticated.session.id,
        organizationId: after.id,
      })
    }
    return describeOrganization({ ...member, organization: after })
  })
}

/** Deletes the organizations that are due for deletion. */
export async function deleteOrganizationsThatAreDue(context: Context): Promise<void> {
  for (let count = -1; count !== 0; )
    count = await context.database.transaction().execute(async (transaction) => {
      const ids = await deleteDueOrganizations(transaction, context.clock())
      for (const organizationId of ids)
        await recordAuditEvent(context, transaction, null, {
          action: 'organization_deleted',
          userId: null,
          actor: 'nobody',
          organizationId,
        })
      return ids.length
    })
}

/** Makes the tokens of an organization with a lower version stale. Call this last in the transaction. */
export async function outdateOrganization(
  { clock }: Pick<Context, 'clock'>,
  transaction: Database,
  { id, version }: StoredOrganization,
): Promise<void> {
  await addRevocation(transaction, { org: id, minVersion: version, until: revokedUntil(clock()) })
}

function demandsMore(demands: OrganizationDemands, than: OrganizationDemands): boolean {
  const age = (of: OrganizationDemands) => of.maxAgeSeconds ?? Number.POSITIVE_INFINITY
  return (demands.secondFactor && !than.secondFactor) || age(demands) < age(than)
}

function changesOf(before: StoredOrganization, after: StoredOrganization): Record<string, string | number> {
  return {
    ...(after.name !== before.name && { name: after.name }),
    ...(after.slug !== before.slug && { slug: after.slug }),
    ...(after.demands !== before.demands && { demands: JSON.stringify(after.demands) }),
  }
}

function slugTaken(): FlowError {
  return new FlowError('slug_taken')
}
