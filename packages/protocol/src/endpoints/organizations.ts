import { z } from 'zod'
import { isRoleName } from '../access.ts'
import { organizationDemandsSchema, organizationNameSchema, slugSchema } from '../organization.ts'
import { emailSchema } from '../user.ts'
import type { Endpoint } from './endpoint.ts'

const rolesSchema = z
  .array(z.string().refine(isRoleName, 'This cannot be a role.'))
  .min(1, 'Choose at least one role.')
  .max(20, 'A member has at most 20 roles.')
  .transform((roles) => [...new Set(roles)])

const secretSchema = z.string().min(1).max(100)
const after = {
  description: 'The `next` of the previous page. Without it, the first page.',
  schema: z.string().min(1).max(300).optional(),
}

/** An organization, in the form that its members see. Times are milliseconds since 1970, UTC. */
export const organizationSchema = z.object({
  id: z.string(),
  /** Its name in addresses. A former name still finds the organization, so compare it with the one in your address, and redirect. */
  slug: z.string(),
  name: z.string(),
  demands: organizationDemandsSchema,
  createdAt: z.number().int(),
  /** When it will be deleted. Null if nobody has requested this. */
  deleteAt: z.number().int().nullable(),
  /** The roles of the caller in it. */
  roles: z.array(z.string()),
  /** The permissions of those roles. */
  permissions: z.array(z.string()),
})
/** An organization, in the form that its members see. Times are milliseconds since 1970, UTC. */
export type Organization = z.infer<typeof organizationSchema>

/** The answer to every request that reads or changes one organization. */
export const organizationResponseSchema = z.object({ organization: organizationSchema })

/** One page of the caller's organizations, by name. `next` is null on the last page. */
export const organizationsResponseSchema = z.object({
  organizations: z.array(organizationSchema.pick({ id: true, slug: true, name: true, roles: true })),
  next: z.string().nullable(),
})
/** One page of the caller's organizations. */
export type OrganizationsResponse = z.infer<typeof organizationsResponseSchema>

/** The body of `createOrganization`. Without a slug, the server makes one of the name. */
export const newOrganizationSchema = z.strictObject({
  name: organizationNameSchema,
  slug: slugSchema.optional(),
})
/** A new organization. The caller becomes its owner. */
export type NewOrganization = z.input<typeof newOrganizationSchema>

/** The body of `updateOrganization`. Missing members stay as they are. */
export const organizationUpdateSchema = z
  .strictObject({
    name: organizationNameSchema.optional(),
    slug: slugSchema.optional(),
    demands: organizationDemandsSchema.optional(),
  })
  .refine((update) => Object.keys(update).length > 0, 'Send at least one change.')
/** A change of an organization. Missing members stay as they are. */
export type OrganizationUpdate = z.input<typeof organizationUpdateSchema>

/** One member of an organization. */
export const memberSchema = z.object({
  userId: z.string(),
  name: z.string(),
  email: z.string(),
  roles: z.array(z.string()),
  /** When the user became a member, in milliseconds since 1970, UTC. */
  joinedAt: z.number().int(),
})
/** One member of an organization. `joinedAt` is in milliseconds since 1970, UTC. */
export type Member = z.infer<typeof memberSchema>

/** One page of members, the oldest first. `next` is null on the last page. */
export const membersResponseSchema = z.object({
  members: z.array(memberSchema),
  next: z.string().nullable(),
})
/** One page of the members of an organization. */
export type MembersResponse = z.infer<typeof membersResponseSchema>

/** The body of `changeMember`. */
export const memberUpdateSchema = z.strictObject({ roles: rolesSchema })
/** The answer to `changeMember`. */
export const memberResponseSchema = z.object({ member: memberSchema })
/** The body of `transferOrganization`. */
export const ownershipTransferSchema = z.strictObject({ userId: z.string().min(1).max(100) })

/** An invitation that nobody has accepted yet. Times are milliseconds since 1970, UTC. */
export const invitationSchema = z.object({
  id: z.string(),
  email: z.string(),
  roles: z.array(z.string()),
  createdAt: z.number().int(),
  /** When the last mail was queued. */
  sentAt: z.number().int(),
  expiresAt: z.number().int(),
})
/** An invitation that nobody has accepted yet. Times are milliseconds since 1970, UTC. */
export type Invitation = z.infer<typeof invitationSchema>

/** One page of invitations, the oldest first. */
export const invitationsResponseSchema = z.object({
  invitations: z.array(invitationSchema),
  next: z.string().nullable(),
})
/** The body of `inviteMember`. */
export const newInvitationSchema = z.strictObject({ email: emailSchema, roles: rolesSchema })
/** The answer to `inviteMember` and `resendInvitation`. */
export const invitationResponseSchema = z.object({ invitation: invitationSchema })
/** The secret of an invitation, from the fragment of the link. */
export const invitationLinkSchema = z.strictObject({ token: secretSchema })

/** What the page behind the link shows. It has the address of the invitation, so that the page can say which account it is for. */
export const describedInvitationSchema = z.object({
  organization: z.object({ name: z.string(), slug: z.string() }),
  email: z.string(),
  roles: z.array(z.string()),
  expiresAt: z.number().int(),
})
/** What an invitation is for. */
export type DescribedInvitation = z.infer<typeof describedInvitationSchema>

const organizationDeletionResponseSchema = z.object({ deleteAt: z.number().int() })

/** One event of the audit log of an organization. */
export const organizationActivitySchema = z.object({
  id: z.string(),
  at: z.number().int(),
  action: z.string(),
  result: z.enum(['success', 'refused']),
  /** Who acted: the id of a user, or `operator`. Null for the server itself. */
  actor: z.string().nullable(),
  /** The user whom it concerns. */
  userId: z.string().nullable(),
  details: z.record(z.string(), z.union([z.string(), z.number()])),
})

/** One event of the audit log of an organization. `at` is in milliseconds since 1970, UTC. */
export type OrganizationActivity = z.infer<typeof organizationActivitySchema>

const common = { group: 'Organizations', access: 'user', onlyWith: 'organizations' } as const
const mayRefuse = ['not_found', 'insufficient_user_authentication', 'too_many_requests'] as const
const mayForbid = [...mayRefuse, 'forbidden'] as const
const one = '/api/auth/organizations/{organization}' as const

/**
 * Endpoints for organizations and their members. `{organization}` is an id or a slug. Somebody who is not a member gets `not_found`, as if
 * there were no such organization.
 */
export const organizationEndpoints = {
  listOrganizations: {
    ...common,
    method: 'GET',
    path: '/api/auth/organizations',
    summary: 'List the organizations of the caller',
    query: { after },
    answers: {
      200: { description: 'A page of organizations, by name.', schema: organizationsResponseSchema },
    },
    errors: ['invalid_request', 'too_many_requests'],
  },
  createOrganization: {
    ...common,
    method: 'POST',
    path: '/api/auth/organizations',
    summary: 'Create an organization',
    request: newOrganizationSchema,
    answers: {
      201: { description: 'The organization. The caller is its owner.', schema: organizationResponseSchema },
    },
    errors: ['slug_taken', 'too_many_requests'],
  },
  readOrganization: {
    ...common,
    method: 'GET',
    path: one,
    summary: 'Read an organization',
    answers: {
      200: {
        description: 'The organization, with the roles of the caller.',
        schema: organizationResponseSchema,
      },
    },
    errors: ['not_found', 'insufficient_user_authentication'],
  },
  updateOrganization: {
    ...common,
    method: 'PATCH',
    path: one,
    summary: 'Rename an organization, or change its address or its demands',
    request: organizationUpdateSchema,
    answers: {
      200: { description: 'The organization after the change.', schema: organizationResponseSchema },
    },
    errors: [...mayForbid, 'slug_taken'],
  },
  deleteOrganization: {
    ...common,
    method: 'DELETE',
    path: one,
    summary: 'Delete an organization',
    answers: {
      202: {
        description: 'Its tokens are refused immediately. `deleteAt` is the time when its data is deleted.',
        schema: organizationDeletionResponseSchema,
      },
    },
    errors: mayForbid,
  },
  keepOrganization: {
    ...common,
    method: 'POST',
    path: `${one}/keep`,
    summary: 'Cancel the deletion of an organization',
    answers: { 200: { description: 'The organization.', schema: organizationResponseSchema } },
    errors: mayForbid,
  },
  leaveOrganization: {
    ...common,
    method: 'POST',
    path: `${one}/leave`,
    summary: 'Leave an organization',
    answers: { 204: { description: 'The caller is no longer a member.' } },
    session: 'renews',
    errors: ['not_found', 'last_owner', 'too_many_requests'],
  },
  transferOrganization: {
    ...common,
    method: 'POST',
    path: `${one}/owner`,
    summary: 'Give the ownership to another member',
    request: ownershipTransferSchema,
    answers: { 204: { description: 'The member is the owner. The caller no longer is.' } },
    session: 'renews',
    errors: mayForbid,
  },
  listMembers: {
    ...common,
    method: 'GET',
    path: `${one}/members`,
    summary: 'List the members',
    query: {
      after,
      search: {
        description: 'The beginning of an email address. Only members with such an address are returned.',
        schema: z.string().trim().min(1).max(254).optional(),
      },
    },
    answers: { 200: { description: 'A page of members.', schema: membersResponseSchema } },
    errors: [...mayRefuse, 'invalid_request'],
  },
  changeMember: {
    ...common,
    method: 'PATCH',
    path: `${one}/members/{user}`,
    summary: 'Change the roles of a member',
    request: memberUpdateSchema,
    answers: { 200: { description: 'The member after the change.', schema: memberResponseSchema } },
    errors: [...mayForbid, 'last_owner'],
  },
  removeMember: {
    ...common,
    method: 'DELETE',
    path: `${one}/members/{user}`,
    summary: 'Remove a member',
    answers: { 204: { description: 'The user is no longer a member.' } },
    errors: [...mayForbid, 'last_owner'],
  },
  listInvitations: {
    ...common,
    method: 'GET',
    path: `${one}/invitations`,
    summary: 'List the invitations that nobody has accepted',
    query: { after },
    answers: { 200: { description: 'A page of invitations.', schema: invitationsResponseSchema } },
    errors: [...mayForbid, 'invalid_request'],
  },
  inviteMember: {
    ...common,
    method: 'POST',
    path: `${one}/invitations`,
    summary: 'Invite somebody',
    request: newInvitationSchema,
    answers: {
      201: {
        description: 'The invitation. An earlier one for the same address is replaced.',
        schema: invitationResponseSchema,
      },
    },
    errors: [...mayForbid, 'already_member'],
  },
  resendInvitation: {
    ...common,
    method: 'POST',
    path: `${one}/invitations/{id}/resend`,
    summary: 'Send the mail of an invitation again',
    answers: {
      200: {
        description: 'The invitation, with a new link. The earlier link is of no use.',
        schema: invitationResponseSchema,
      },
    },
    errors: mayForbid,
  },
  revokeInvitation: {
    ...common,
    method: 'DELETE',
    path: `${one}/invitations/{id}`,
    summary: 'Revoke an invitation',
    answers: { 204: { description: 'The link is of no use any more.' } },
    errors: mayForbid,
  },
  listOrganizationActivity: {
    ...common,
    method: 'GET',
    path: `${one}/activity`,
    summary: 'List what happened in an organization',
    query: { after },
    answers: {
      200: {
        description: 'A page of events, the newest first.',
        schema: z.object({ activity: z.array(organizationActivitySchema), next: z.string().nullable() }),
      },
    },
    errors: [...mayForbid, 'invalid_request'],
  },
  describeInvitation: {
    ...common,
    access: 'anybody',
    method: 'POST',
    path: '/api/auth/invitations/describe',
    summary: 'Show what an invitation is for',
    request: invitationLinkSchema,
    answers: {
      200: { description: 'The invitation. It is not used up.', schema: describedInvitationSchema },
    },
    errors: ['link_invalid', 'too_many_requests'],
  },
  acceptInvitation: {
    ...common,
    method: 'POST',
    path: '/api/auth/invitations/accept',
    summary: 'Accept an invitation',
    request: invitationLinkSchema,
    answers: { 200: { description: 'The organization.', schema: organizationResponseSchema } },
    errors: ['link_invalid', 'invitation_for_other', 'address_unverified', 'too_many_requests'],
  },
} as const satisfies Record<string, Endpoint>
