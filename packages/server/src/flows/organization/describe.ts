import type { Organization } from '@sallyport/protocol/endpoints'
import type { Member } from './member.ts'

/** Returns an organization in the form that its members see. */
export function describeOrganization({ organization, membership, permissions }: Member): Organization {
  const { id, slug, name, demands, createdAt, deleteAt } = organization
  return {
    id,
    slug,
    name,
    demands,
    createdAt,
    deleteAt,
    roles: membership.roles,
    permissions: [...permissions],
  }
}
