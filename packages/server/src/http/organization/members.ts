import type { endpoints } from '@sallyport/protocol/endpoints'
import {
  acceptInvitation,
  describeInvitation,
  inviteMember,
  listInvitations,
  resendInvitation,
  revokeInvitation,
} from '../../flows/organization/invitations.ts'
import {
  changeMember,
  leaveOrganization,
  listMembers,
  removeMember,
  transferOwnership,
} from '../../flows/organization/members.ts'
import type { Handler } from '../handler.ts'

export const listMembersHandler: Handler<typeof endpoints.listMembers> = (
  { authenticated, parameters, query, source },
  context,
) => listMembers(context, authenticated, parameters.organization ?? '', query, source)

export const changeMemberHandler: Handler<typeof endpoints.changeMember> = async (
  { authenticated, body, parameters, source },
  context,
) => {
  const { organization = '', user: userId = '' } = parameters
  return { member: await changeMember(context, authenticated, organization, { userId, ...body }, source) }
}

export const removeMemberHandler: Handler<typeof endpoints.removeMember> = (
  { authenticated, parameters, source },
  context,
) => removeMember(context, authenticated, parameters.organization ?? '', parameters.user ?? '', source)

export const leaveOrganizationHandler: Handler<typeof endpoints.leaveOrganization> = (
  { authenticated, parameters, source },
  context,
) => leaveOrganization(context, authenticated, parameters.organization ?? '', source)

export const transferOrganizationHandler: Handler<typeof endpoints.transferOrganization> = (
  { authenticated, body, parameters, source },
  context,
) => transferOwnership(context, authenticated, parameters.organization ?? '', body.userId, source)

export const listInvitationsHandler: Handler<typeof endpoints.listInvitations> = (
  { authenticated, parameters, query, source },
  context,
) => listInvitations(context, authenticated, parameters.organization ?? '', query.after, source)

export const inviteMemberHandler: Handler<typeof endpoints.inviteMember> = async (
  { authenticated, body, parameters, source },
  context,
) => ({
  invitation: await inviteMember(context, authenticated, parameters.organization ?? '', body, source),
})

export const resendInvitationHandler: Handler<typeof endpoints.resendInvitation> = async (
  { authenticated, parameters, source },
  context,
) => {
  const { organization = '', id = '' } = parameters
  return { invitation: await resendInvitation(context, authenticated, organization, id, source) }
}

export const revokeInvitationHandler: Handler<typeof endpoints.revokeInvitation> = (
  { authenticated, parameters, source },
  context,
) => revokeInvitation(context, authenticated, parameters.organization ?? '', parameters.id ?? '', source)

export const describeInvitationHandler: Handler<typeof endpoints.describeInvitation> = (
  { body, source },
  context,
) => describeInvitation(context, body.token, source)

export const acceptInvitationHandler: Handler<typeof endpoints.acceptInvitation> = async (
  { authenticated, body, source },
  context,
) => ({ organization: await acceptInvitation(context, authenticated, body.token, source) })
