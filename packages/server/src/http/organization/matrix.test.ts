import { type Endpoint, organizationEndpoints } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { rolePermissions, world } from '../../testing/organizations.ts'

type Role = keyof typeof rolePermissions
const roles = Object.keys(rolePermissions) as Role[]

/** Who may call an endpoint: every member, members with a permission, or the owner. `body` gets a member and an invitation of its own. */
type Row = {
  may: 'members' | 'the owner' | (typeof rolePermissions)['owner'][number]
  body?: (target: { userId: string; email: string }) => object
  /** Whether a success ends the membership of the caller, or the organization. Then only one role is tried. */
  ends?: true
}

const rows: { [Name in keyof typeof organizationEndpoints]: Row | 'without an organization in the path' } = {
  listOrganizations: 'without an organization in the path',
  createOrganization: 'without an organization in the path',
  describeInvitation: 'without an organization in the path',
  acceptInvitation: 'without an organization in the path',
  readOrganization: { may: 'members' },
  updateOrganization: { may: 'organization:manage', body: () => ({ name: 'Changed' }) },
  deleteOrganization: { may: 'organization:delete', ends: true },
  keepOrganization: { may: 'organization:delete' },
  leaveOrganization: { may: 'members', ends: true },
  transferOrganization: { may: 'the owner', body: ({ userId }) => ({ userId }), ends: true },
  listMembers: { may: 'members' },
  changeMember: { may: 'member:manage', body: () => ({ roles: ['member'] }) },
  removeMember: { may: 'member:manage' },
  listInvitations: { may: 'member:manage' },
  inviteMember: { may: 'member:manage', body: ({ email }) => ({ email: `to-${email}`, roles: ['member'] }) },
  resendInvitation: { may: 'member:manage' },
  revokeInvitation: { may: 'member:manage' },
  listOrganizationActivity: { may: 'audit:read' },
}

function endpointPath(name: keyof typeof rows, organization: string, others: Record<string, string> = {}) {
  const parameters: Record<string, string> = { organization, ...others }
  return organizationEndpoints[name].path.replace(/\{(\w+)\}/g, (_, parameter) => parameters[parameter] ?? '')
}

const isAllowed = ({ may }: Row, role: Role) =>
  may === 'members' ||
  (may === 'the owner' ? role === 'owner' : (rolePermissions[role] as string[]).includes(may))

describe.each(Object.entries(organizationEndpoints) as [keyof typeof rows, Endpoint][])(
  '%s',
  (name, endpoint) => {
    const row = rows[name]

    test('has a row if its path names an organization', () =>
      expect(typeof row === 'object').toBe(endpoint.path.includes('{organization}')))
    if (typeof row === 'string') return

    test('is not found for people who are not members, and forbidden without the permission [G01, G02]', async () => {
      const { person, session, create, join, invite, call, trade } = await world('SQLite')
      const owner = await person('owner')
      const acme = await create(owner.token)
      const tokens: Record<string, string> = { owner: owner.token }
      for (const role of roles)
        if (role !== 'owner') tokens[role] = (await join(owner.token, acme.id, `as-${role}`, [role])).token
      const [stranger, former] = [
        await person('stranger'),
        await join(owner.token, acme.id, 'former', ['admin']),
      ]
      const other = await create(stranger.token, 'Other')
      const left = await call(former.token, 'POST', endpointPath('leaveOrganization', acme.id))
      expect(left.status).toBe(204)

      let targets = 0
      /** Calls the endpoint about a new member and a new invitation. */
      const attempt = async (token: string, organization = acme.id, extra: object = {}) => {
        targets += 1
        const member = await join(owner.token, acme.id, `target-${targets}`)
        const invited = await invite(owner.token, acme.id, `invited-${targets}@example.com`)
        const { id } = invited.body.invitation as unknown as { id: string }
        const body = row.body?.({ userId: member.id, email: member.email })
        return call(
          token,
          endpoint.method,
          endpointPath(name, organization, { user: member.id, id }),
          body && { ...body, ...extra },
        )
      }

      const nowhere = await attempt(stranger.token, '00000000-0000-4000-8000-000000000000')
      expect([nowhere.status, nowhere.body.code]).toEqual([404, 'not_found'])
      for (const token of [stranger.token, await session(former.email)])
        for (const organization of [acme.id, acme.slug]) {
          const { status, body } = await attempt(token, organization)
          // The same answer as for an organization that does not exist.
          expect({ status, code: body.code, title: body.title }).toEqual({
            status: nowhere.status,
            code: nowhere.body.code,
            title: nowhere.body.title,
          })
        }
      // The objects of one organization are not found below another.
      if (/\{(?:user|id)\}/.test(endpoint.path))
        expect((await attempt(stranger.token, other.id)).body.code).toBe('not_found')
      expect((await attempt('')).status).toBe(401)
      const traded = (await trade(owner.token, acme.id)).body.access_token as string
      expect((await attempt(traded)).status).toBe(401)
      if (row.body)
        expect((await attempt(owner.token, acme.id, { organization: other.id })).body.code).toBe(
          'invalid_request',
        )

      const refused = roles.filter((role) => !isAllowed(row, role))
      const allowed = roles.filter((role) => isAllowed(row, role))
      for (const role of refused)
        expect((await attempt(tokens[role] ?? '')).body.code, `${name} as ${role}`).toBe('forbidden')
      for (const role of row.ends ? allowed.slice(-1) : allowed)
        expect((await attempt(tokens[role] ?? '')).status, `${name} as ${role}`).toBeLessThan(300)
    })
  },
)
