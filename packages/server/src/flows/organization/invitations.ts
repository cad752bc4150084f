import type { DescribedInvitation, Invitation, Organization } from '@sallyport/protocol/endpoints'
import { faultOfRoleNames } from '../../config/roles.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError, isRefusal } from '../../services/flow-error.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import { consumeQuota, consumeUserQuota } from '../../services/throttles.ts'
import type { Database } from '../../store/database.ts'
import { inTransaction } from '../../store/group-commit.ts'
import {
  addInvitation,
  dropInvitation,
  findInvitation,
  findInvitationOf,
  listInvitationsOf,
  renewInvitation,
  type StoredInvitation,
  takeInvitation,
} from '../../store/invitation.ts'
import { addMembership, findMembership } from '../../store/membership.ts'
import { findOrganization, lockOrganization, type StoredOrganization } from '../../store/organization.ts'
import { findUserByEmail, findUserById } from '../../store/user.ts'
import { newOneTimeSecret, oneTimeHash } from '../../tokens/one-time-secret.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { describeOrganization } from './describe.ts'
import {
  changeAsMember,
  type Member,
  permissionsInOrganization,
  requireMayDecideAbout,
  requireMember,
} from './member.ts'
import { requireRolesInOrganization } from './members.ts'
import { pageOf, pageSize, readAfter } from './page.ts'

const needs = { permission: 'member:manage' } as const

/**
 * Returns a page of the invitations that nobody has accepted, the oldest first.
 *
 * @throws FlowError as {@link requireMember}; `invalid_request`, `too_many_requests`.
 */
export async function listInvitations(
  context: Context,
  authenticated: Authenticated,
  idOrSlug: string,
  after: string | undefined,
  source: RequestSource,
): Promise<{ invitations: Invitation[]; next: string | null }> {
  const [key = null] = readAfter(after, 1) ?? []
  await consumeUserQuota(context, 'listing', authenticated.user.id, source)
  const { organization } = await requireMember(context, authenticated, idOrSlug, needs)
  const found = await listInvitationsOf(context.database, organization.id, {
    after: key,
    limit: pageSize + 1,
  })
  const { rows, next } = pageOf(found, ({ id }) => [id])
  return { invitations: rows.map(describe), next }
}

/**
 * Invites somebody, and mails them a link. An earlier invitation for the address is replaced.
 *
 * @throws FlowError as {@link changeAsMember}; `invalid_request` when a role is not defined; `forbidden` when the roles have permissions that
 * the caller does not have; `already_member`; `too_many_requests`.
 */
export async function inviteMember(
  context: Context,
  authenticated: Authenticated,
  idOrSlug: string,
  { email, roles }: { email: string; roles: string[] },
  source: RequestSource,
): Promise<Invitation> {
  requireRolesInOrganization(context, roles)
  // Before anything is counted for the address: somebody who may not invite must not use up its limit.
  const asked = await requireMember(context, authenticated, idOrSlug, needs)
  requireMayDecideAbout(context, asked, roles)
  await consumeUserQuota(context, 'invitation', authenticated.user.id, source)
  await consumeQuota(context, 'invitation', source, email)
  const invitation = await changeAsMember(
    context,
    authenticated,
    idOrSlug,
    source,
    needs,
    async (transaction, member) => {
      requireMayDecideAbout(context, member, roles)
      const invited = await findUserByEmail(transaction, email)
      if (
        invited !== null &&
        (await findMembership(transaction, member.organization.id, invited.id)) !== null
      )
        throw new FlowError('already_member')
      const now = context.clock()
      const { secret, hash } = newOneTimeSecret(context.randomBytes)
      const added: StoredInvitation = {
        id: context.newId(),
        organizationId: member.organization.id,
        email,
        roles,
        hash,
        invitedBy: authenticated.user.id,
        createdAt: now,
        sentAt: now,
        expiresAt: now + context.config.invitationSeconds * 1000,
      }
      await addInvitation(transaction, added)
      await mailInvitation(context, transaction, authenticated, member.organization, added, secret)
      await record(context, transaction, authenticated, 'member_invited', added, source)
      return added
    },
  )
  context.mailer.wake()
  return describe(invitation)
}

/**
 * Mails an invitation again, with a new link. The earlier link is of no use any more. The caller must be allowed to grant its roles.
 *
 * @throws FlowError as {@link inviteMember}; `not_found`.
 */
export async function resendInvitation(
  context: Context,
  authenticated: Authenticated,
  idOrSlug: string,
  id: string,
  source: RequestSource,
): Promise<Invitation> {
  const asked = await requireMember(context, authenticated, idOrSlug, needs)
  const known = await findInvitationOf(context.database, asked.organization.id, id)
  if (known === null) throw new FlowError('not_found')
  requireMayDecideAbout(context, asked, known.roles)
  await consumeUserQuota(context, 'invitation', authenticated.user.id, source)
  await consumeQuota(context, 'invitation', source, known.email)
  const invitation = await changeAsMember(
    context,
    authenticated,
    idOrSlug,
    source,
    needs,
    async (transaction, member) => {
      const now = context.clock()
      const { secret, hash } = newOneTimeSecret(context.randomBytes)
      const renewed = await renewInvitation(
        transaction,
        { organizationId: member.organization.id, id },
        {
          hash,
          invitedBy: authenticated.user.id,
          sentAt: now,
          expiresAt: now + context.config.invitationSeconds * 1000,
        },
      )
      if (renewed === null) throw new FlowError('not_found')
      requireMayDecideAbout(context, member, renewed.roles)
      await mailInvitation(context, transaction, authenticated, member.organization, renewed, secret)
      await record(context, transaction, authenticated, 'invitation_resent', renewed, source)
      return renewed
    },
  )
  context.mailer.wake()
  return describe(invitation)
}

/**
 * Revokes an invitation.
 *
 * @throws FlowError as {@link changeAsMember}; `not_found`.
 */
export async function revokeInvitation(
  context: Context,
  authenticated: Authenticated,
  idOrSlug: string,
  id: string,
  source: RequestSource,
): Promise<void> {
  await changeAsMember(
    context,
    authenticated,
    idOrSlug,
    source,
    needs,
    async (transaction, { organization }) => {
      const invitation = await findInvitationOf(transaction, organization.id, id)
      if (invitation === null || !(await dropInvitation(transaction, invitation)))
        throw new FlowError('not_found')
      await record(context, transaction, authenticated, 'invitation_revoked', invitation, source)
    },
  )
}

/**
 * Returns what an invitation is for, without using it up.
 *
 * @throws FlowError `link_invalid`, `too_many_requests`.
 */
export async function describeInvitation(
  context: Context,
  token: string,
  source: RequestSource,
): Promise<DescribedInvitation> {
  await consumeQuota(context, 'link', source)
  const hash = oneTimeHash(token)
  const found = hash === null ? null : await findInvitation(context.database, hash, context.clock())
  if (found === null) throw new FlowError('link_invalid')
  const { name, slug } = await requireStillGranted(
    context,
    context.database,
    found,
    await findOrganization(context.database, found.organizationId),
  )
  return { organization: { name, slug }, email: found.email, roles: found.roles, expiresAt: found.expiresAt }
}

/**
 * Makes the user a member. The invitation works once, and only for the user who has its address. If the user is a member already, nothing
 * changes.
 *
 * @throws FlowError `link_invalid` when the invitation is unknown, used, revoked or expired, or when the person who invited may no longer grant
 * the roles; `invitation_for_other` when the user has another address; `address_unverified`; `too_many_requests`.
 */
export async function acceptInvitation(
  context: Context,
  { user, session }: Authenticated,
  token: string,
  source: RequestSource,
): Promise<Organization> {
  const { database, clock, config } = context
  await consumeQuota(context, 'link', source)
  const hash = oneTimeHash(token)
  const known = hash === null ? null : await findInvitation(database, hash, clock())
  if (hash === null || known === null) throw new FlowError('link_invalid')
  if (known.email !== user.email)
    throw new FlowError('invitation_for_other', { reason: 'the user has another address' })
  // Without verification of addresses, nothing says whose an address is, for any user.
  if (user.emailVerifiedAt === null && config.emailVerification !== 'off')
    throw new FlowError('address_unverified')
  return inTransaction(database, async (transaction) => {
    const locked = await lockOrganization(transaction, known.organizationId)
    const taken = await takeInvitation(transaction, hash, clock())
    if (taken === null) throw new FlowError('link_invalid')
    const organization = await requireStillGranted(context, transaction, taken, locked)
    const now = clock()
    const joined = {
      organizationId: organization.id,
      userId: user.id,
      roles: taken.roles,
      isOwner: taken.roles.includes(config.organizationOwnerRole),
      createdAt: now,
      updatedAt: now,
    }
    const isNew = await addMembership(transaction, joined)
    const membership = isNew
      ? joined
      : ((await findMembership(transaction, organization.id, user.id)) ?? joined)
    if (isNew)
      await recordAuditEvent(context, transaction, source, {
        action: 'member_joined',
        userId: user.id,
        sessionId: session.id,
        organizationId: organization.id,
        details: { roles: taken.roles.join(), invitedBy: taken.invitedBy },
      })
    const permissions = permissionsInOrganization(context, membership.roles, user.emailVerifiedAt)
    return describeOrganization({ organization, membership, permissions })
  })
}

/**
 * Checks that the organization exists, and that the person who invited may still grant the roles. Returns the organization.
 *
 * @throws FlowError `link_invalid`.
 */
async function requireStillGranted(
  context: Context,
  database: Database,
  { invitedBy, roles }: StoredInvitation,
  organization: StoredOrganization | null,
): Promise<StoredOrganization> {
  const invalid = (reason: string) => new FlowError('link_invalid', { reason })
  if (organization === null || organization.deleteAt !== null) throw invalid('the organization is gone')
  if (faultOfRoleNames(context.config, roles) !== null) throw invalid('a role is no longer defined')
  const membership = await findMembership(database, organization.id, invitedBy)
  const inviter = await findUserById(database, invitedBy)
  if (membership === null || inviter === null || inviter.disabledAt !== null)
    throw invalid('the person who invited is no longer a member')
  const permissions = permissionsInOrganization(context, membership.roles, inviter.emailVerifiedAt)
  const granting: Pick<Member, 'membership' | 'permissions'> = { membership, permissions }
  if (!permissions.includes(needs.permission)) throw invalid('the person who invited may no longer invite')
  try {
    requireMayDecideAbout(context, granting, roles)
  } catch (error) {
    if (isRefusal(error)) throw invalid('the person who invited may no longer grant the roles')
    throw error
  }
  return organization
}

async function mailInvitation(
  context: Context,
  transaction: Database,
  { user }: Authenticated,
  organization: StoredOrganization,
  { email, expiresAt, sentAt }: StoredInvitation,
  secret: string,
): Promise<void> {
  await context.mailer.queue(transaction, email, 'invitation', {
    inviter: nameInMail(user),
    organization: organization.name,
    token: secret,
    validMinutes: Math.round((expiresAt - sentAt) / 60_000),
  })
}

async function record(
  context: Context,
  transaction: Database,
  { user, session }: Authenticated,
  action: 'member_invited' | 'invitation_resent' | 'invitation_revoked',
  { organizationId, email, roles }: StoredInvitation,
  source: RequestSource,
): Promise<void> {
  await recordAuditEvent(context, transaction, source, {
    action,
    userId: user.id,
    sessionId: session.id,
    organizationId,
    details: { email, roles: roles.join() },
  })
}

function describe({ id, email, roles, createdAt, sentAt, expiresAt }: StoredInvitation): Invitation {
  return { id, email, roles, createdAt, sentAt, expiresAt }
}
