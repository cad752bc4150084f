import { sql } from 'kysely'
import { type Database, isPostgres } from './database.ts'
import { organizationOf, type StoredOrganization } from './organization.ts'
import type { MembershipRow } from './organization-rows.ts'

/** The membership of a user in an organization. `isOwner` says whether the roles contain that of the owner. */
export type StoredMembership = Omit<MembershipRow, 'roles' | 'isOwner'> & {
  roles: string[]
  isOwner: boolean
}

/** A member with the data of the user that other members see. */
export type ListedMember = Pick<StoredMembership, 'userId' | 'roles' | 'createdAt'> & {
  name: string
  email: string
}

function membershipOf(row: MembershipRow): StoredMembership {
  return { ...row, roles: JSON.parse(row.roles) as string[], isOwner: row.isOwner === 1 }
}

/** Adds a member. If the user is a member already, returns false and changes nothing. */
export async function addMembership(transaction: Database, membership: StoredMembership): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('membership')
    .values({
      ...membership,
      roles: JSON.stringify(membership.roles),
      isOwner: membership.isOwner ? 1 : 0,
    })
    .onConflict((conflict) => conflict.columns(['organizationId', 'userId']).doNothing())
    .executeTakeFirst()
  return Boolean(numInsertedOrUpdatedRows)
}

export async function findMembership(
  database: Database,
  organizationId: string,
  userId: string,
): Promise<StoredMembership | null> {
  const row = await database
    .selectFrom('membership')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('userId', '=', userId)
    .executeTakeFirst()
  return row ? membershipOf(row) : null
}

export async function setMemberRoles(
  transaction: Database,
  { organizationId, userId }: Pick<StoredMembership, 'organizationId' | 'userId'>,
  { roles, isOwner }: Pick<StoredMembership, 'roles' | 'isOwner'>,
  now: number,
): Promise<void> {
  await transaction
    .updateTable('membership')
    .set({ roles: JSON.stringify(roles), isOwner: isOwner ? 1 : 0, updatedAt: now })
    .where('organizationId', '=', organizationId)
    .where('userId', '=', userId)
    .execute()
}

export async function dropMembership(
  transaction: Database,
  { organizationId, userId }: Pick<StoredMembership, 'organizationId' | 'userId'>,
): Promise<void> {
  await transaction
    .deleteFrom('membership')
    .where('organizationId', '=', organizationId)
    .where('userId', '=', userId)
    .execute()
}

/** Returns whether an organization has an owner other than this user, whose account is not to be deleted. */
export async function hasOtherOwner(
  transaction: Database,
  { organizationId, userId }: Pick<StoredMembership, 'organizationId' | 'userId'>,
): Promise<boolean> {
  const row = await transaction
    .selectFrom('membership')
    .innerJoin('user', 'user.id', 'membership.userId')
    .select('membership.userId')
    .where('membership.organizationId', '=', organizationId)
    .where('membership.isOwner', '=', 1)
    .where('membership.userId', '<>', userId)
    .where('user.deleteAt', 'is', null)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Returns whether a user is the only owner of an organization that is not to be deleted. Other owners do not count if their accounts are to be
 * deleted. Locks the organizations of which the user is an owner, so that of two owners who delete their accounts at once, the second one sees
 * the first.
 */
export async function isOnlyOwner(transaction: Database, userId: string): Promise<boolean> {
  await transaction
    .updateTable('organization')
    .set(({ ref }) => ({ id: ref('id') }))
    .where('id', 'in', (from) =>
      from
        .selectFrom('membership')
        .select('organizationId')
        .where('userId', '=', userId)
        .where('isOwner', '=', 1),
    )
    .execute()
  const row = await transaction
    .selectFrom('membership')
    .innerJoin('organization', 'organization.id', 'membership.organizationId')
    .select('organization.id')
    .where('membership.userId', '=', userId)
    .where('membership.isOwner', '=', 1)
    .where('organization.deleteAt', 'is', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('membership as other')
            .innerJoin('user', 'user.id', 'other.userId')
            .select('other.userId')
            .whereRef('other.organizationId', '=', 'membership.organizationId')
            .where('other.isOwner', '=', 1)
            .where('other.userId', '<>', userId)
            .where('user.deleteAt', 'is', null),
        ),
      ),
    )
    .executeTakeFirst()
  return row !== undefined
}

/** Returns a page of the organizations of a user, by name. For the next page, pass name and id of the last one. */
export async function listOrganizationsOf(
  database: Database,
  userId: string,
  { after, limit }: { after: { name: string; id: string } | null; limit: number },
): Promise<(StoredOrganization & { roles: string[] })[]> {
  const rows = await database
    .selectFrom('membership')
    .innerJoin('organization', 'organization.id', 'membership.organizationId')
    .selectAll('organization')
    .select('membership.roles')
    .where('membership.userId', '=', userId)
    .$if(after !== null, (query) =>
      query.where(({ or, and, eb }) =>
        or([
          eb('organization.name', '>', after?.name ?? ''),
          and([eb('organization.name', '=', after?.name ?? ''), eb('organization.id', '>', after?.id ?? '')]),
        ]),
      ),
    )
    .orderBy('organization.name')
    .orderBy('organization.id')
    .limit(limit)
    .execute()
  return rows.map(({ roles, ...row }) => ({ ...organizationOf(row), roles: JSON.parse(roles) as string[] }))
}

/**
 * Returns a page of members, in the order of their user ids. With `search`, returns only members whose address begins with it; then the
 * order is that of the addresses. For the next page, pass the last user id, or with `search` the last address.
 */
export async function listMembersOf(
  database: Database,
  organizationId: string,
  { after, search, limit }: { after: string | null; search: string | undefined; limit: number },
): Promise<ListedMember[]> {
  // Addresses are compared by their bytes, so that a range of an index has all addresses with this beginning.
  const email = isPostgres(database)
    ? sql<string>`"user"."email" collate "C"`
    : sql<string>`"user"."email" collate binary`
  const rows = await database
    .selectFrom('membership')
    .innerJoin('user', 'user.id', 'membership.userId')
    .select(['membership.userId', 'membership.roles', 'membership.createdAt', 'user.name', 'user.email'])
    .where('membership.organizationId', '=', organizationId)
    .$if(search === undefined, (query) =>
      query
        .$if(after !== null, (page) => page.where('membership.userId', '>', after ?? ''))
        .orderBy('membership.userId'),
    )
    .$if(search !== undefined, (query) =>
      query
        .where(email, '>=', search ?? '')
        .where(email, '<', `${search ?? ''}\u007f`)
        .$if(after !== null, (page) => page.where(email, '>', after ?? ''))
        .orderBy(email),
    )
    .limit(limit)
    .execute()
  return rows.map(({ roles, ...row }) => ({ ...row, roles: JSON.parse(roles) as string[] }))
}
