import type {
  DescribedInvitation,
  Invitation,
  Member,
  MembersResponse,
  NewOrganization,
  Organization,
  OrganizationActivity,
  OrganizationsResponse,
  OrganizationUpdate,
} from '@sallyport/protocol/endpoints'
import { headers } from 'next/headers.js'
import { browserDetailsOf } from '../request/browser-details.ts'
import { callAboutOrganization } from '../session/own-organizations.ts'
import type { Runtime } from '../session/runtime.ts'
import type { ActionResult } from './action-result.ts'
import type { CallAsUser } from './call-as-user.ts'

/** Options of a list. */
export type Paged = {
  /** The `next` of the previous page. Default: the first page. */
  after?: string
}

/**
 * Organizations, their members and invitations. Every call is a request of the signed-in user, and the auth server decides whether the user
 * may do it. `organization` is an id or a slug. For somebody who is not a member, a call is refused with `not_found`. It can also be
 * refused with `insufficient_user_authentication`, if the organization demands more of the session (docs/organizations.md). Call functions
 * that change something in an action or a route handler.
 */
export type Organizations = {
  /** Returns a page of the user's organizations, by name. */
  list(page?: Paged): Promise<ActionResult<OrganizationsResponse>>
  /**
   * Creates an organization. The user becomes its owner. Without `slug`, the auth server makes one from the name.
   *
   * The call is refused with `slug_taken`, or with `invalid_request` for a field.
   */
  create(organization: NewOrganization): Promise<ActionResult<{ organization: Organization }>>
  /** Returns an organization, with the roles and permissions of the user in it. */
  read(organization: string): Promise<ActionResult<{ organization: Organization }>>
  /** Changes the name, the slug or the demands. It needs the permission `organization:manage`. */
  update(
    organization: string,
    update: OrganizationUpdate,
  ): Promise<ActionResult<{ organization: Organization }>>
  /** Deletes an organization after 14 days. Its tokens are refused immediately. It needs `organization:delete`. */
  delete(organization: string): Promise<ActionResult<{ deleteAt: number }>>
  /** Cancels the deletion. It needs `organization:delete`. */
  keep(organization: string): Promise<ActionResult<{ organization: Organization }>>
  /** Leaves an organization. The last owner is refused with `last_owner`. */
  leave(organization: string): Promise<ActionResult>
  /** Makes another member the owner. The user no longer is one. */
  transfer(organization: string, userId: string): Promise<ActionResult>
  /** Returns a page of members, the oldest first. `search` is the beginning of an email address. */
  members(organization: string, options?: Paged & { search?: string }): Promise<ActionResult<MembersResponse>>
  /** Replaces the roles of a member. It needs `member:manage`, and all permissions of the old and the new roles. */
  changeMember(
    organization: string,
    userId: string,
    roles: readonly string[],
  ): Promise<ActionResult<{ member: Member }>>
  /** Removes a member. It needs `member:manage`, and all permissions of the member. */
  removeMember(organization: string, userId: string): Promise<ActionResult>
  /** Returns a page of the invitations that nobody has accepted. It needs `member:manage`. */
  invitations(
    organization: string,
    page?: Paged,
  ): Promise<ActionResult<{ invitations: Invitation[]; next: string | null }>>
  /** Mails an invitation. It needs `member:manage`, and all permissions of the roles. */
  invite(
    organization: string,
    invitation: { email: string; roles: readonly string[] },
  ): Promise<ActionResult<{ invitation: Invitation }>>
  /** Mails a new link. The earlier link is of no use any more. */
  resendInvitation(organization: string, id: string): Promise<ActionResult<{ invitation: Invitation }>>
  /** Revokes an invitation. */
  revokeInvitation(organization: string, id: string): Promise<ActionResult>
  /** Returns a page of what happened in the organization, the newest first. It needs `audit:read`. */
  activity(
    organization: string,
    page?: Paged,
  ): Promise<ActionResult<{ activity: OrganizationActivity[]; next: string | null }>>
  /** Returns what an invitation is for, without a session. `token` comes from the fragment of the link. It is not used up. */
  describeInvitation(token: string): Promise<ActionResult<DescribedInvitation>>
  /**
   * Accepts an invitation as the signed-in user. The call is refused with `link_invalid`, with `invitation_for_other` if the user has
   * another address, or with `address_unverified`.
   */
  acceptInvitation(token: string): Promise<ActionResult<{ organization: Organization }>>
}

export function createOrganizations(runtime: () => Runtime, asUser: CallAsUser): Organizations {
  const body = (value: unknown) => ({ json: JSON.stringify(value) })
  const at = (organization: string, others: Record<string, string> = {}) => ({
    parameters: { organization, ...others },
  })
  const pageOf = (options: Paged & { search?: string } = {}) => ({
    query: Object.fromEntries(
      Object.entries(options).filter(([, value]) => value !== undefined && value !== ''),
    ) as Record<string, string>,
  })
  return {
    list: (page) => asUser.ask((own) => callAboutOrganization(own, 'listOrganizations', pageOf(page))),
    create: (organization) =>
      asUser.change((own) => callAboutOrganization(own, 'createOrganization', body(organization))),
    read: (organization) =>
      asUser.ask((own) => callAboutOrganization(own, 'readOrganization', at(organization))),
    update: (organization, update) =>
      asUser.change((own) =>
        callAboutOrganization(own, 'updateOrganization', { ...at(organization), ...body(update) }),
      ),
    delete: (organization) =>
      asUser.change((own) => callAboutOrganization(own, 'deleteOrganization', at(organization))),
    keep: (organization) =>
      asUser.change((own) => callAboutOrganization(own, 'keepOrganization', at(organization))),
    leave: (organization) =>
      asUser.change((own) => callAboutOrganization(own, 'leaveOrganization', at(organization))),
    transfer: (organization, userId) =>
      asUser.change((own) =>
        callAboutOrganization(own, 'transferOrganization', { ...at(organization), ...body({ userId }) }),
      ),
    members: (organization, options) =>
      asUser.ask((own) =>
        callAboutOrganization(own, 'listMembers', { ...at(organization), ...pageOf(options) }),
      ),
    changeMember: (organization, user, roles) =>
      asUser.change((own) =>
        callAboutOrganization(own, 'changeMember', { ...at(organization, { user }), ...body({ roles }) }),
      ),
    removeMember: (organization, user) =>
      asUser.change((own) => callAboutOrganization(own, 'removeMember', at(organization, { user }))),
    invitations: (organization, page) =>
      asUser.ask((own) =>
        callAboutOrganization(own, 'listInvitations', { ...at(organization), ...pageOf(page) }),
      ),
    invite: (organization, { email, roles }) =>
      asUser.change((own) =>
        callAboutOrganization(own, 'inviteMember', { ...at(organization), ...body({ email, roles }) }),
      ),
    resendInvitation: (organization, id) =>
      asUser.change((own) => callAboutOrganization(own, 'resendInvitation', at(organization, { id }))),
    revokeInvitation: (organization, id) =>
      asUser.change((own) => callAboutOrganization(own, 'revokeInvitation', at(organization, { id }))),
    activity: (organization, page) =>
      asUser.ask((own) =>
        callAboutOrganization(own, 'listOrganizationActivity', { ...at(organization), ...pageOf(page) }),
      ),
    async describeInvitation(token) {
      const requestHeaders = await headers()
      const { authServer, config } = runtime()
      return authServer.call('describeInvitation', body({ token }), browserDetailsOf(requestHeaders, config))
    },
    acceptInvitation: (token) =>
      asUser.change((own) => callAboutOrganization(own, 'acceptInvitation', body({ token }))),
  }
}
