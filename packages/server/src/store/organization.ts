import type { OrganizationDemands } from '@sallyport/protocol'
import { type Database, isDuplicate } from './database.ts'
import type { OrganizationRow } from './organization-rows.ts'

/** An organization. Times are in milliseconds. */
export type StoredOrganization = Omit<OrganizationRow, 'demandsSecondFactor' | 'demandsAgeSeconds'> & {
  demands: OrganizationDemands
}

/** Converts a row of the table to an organization. */
export function organizationOf({
  demandsSecondFactor,
  demandsAgeSeconds,
  ...row
}: OrganizationRow): StoredOrganization {
  return { ...row, demands: { secondFactor: demandsSecondFactor === 1, maxAgeSeconds: demandsAgeSeconds } }
}

function rowOf({ demands, ...organization }: StoredOrganization): OrganizationRow {
  return {
    ...organization,
    demandsSecondFactor: demands.secondFactor ? 1 : 0,
    demandsAgeSeconds: demands.maxAgeSeconds,
  }
}

/**
 * Adds an organization. If another organization has the slug or had it before, returns false and adds nothing. This is also true if a
 * concurrent request adds that organization.
 */
export async function addOrganization(
  transaction: Database,
  organization: StoredOrganization,
): Promise<boolean> {
  if (await isFormerSlug(transaction, organization.slug, organization.id)) return false
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('organization')
    .values(rowOf(organization))
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .executeTakeFirst()
  return Boolean(numInsertedOrUpdatedRows)
}

async function isFormerSlug(
  transaction: Database,
  slug: string,
  exceptOrganizationId: string,
): Promise<boolean> {
  const row = await transaction
    .selectFrom('former_slug')
    .select('slug')
    .where('slug', '=', slug)
    .where('organizationId', '<>', exceptOrganizationId)
    .executeTakeFirst()
  return row !== undefined
}

/** Returns the organization with this id, or else with this slug, or else the one that had this slug formerly. */
export async function findOrganization(
  database: Database,
  idOrSlug: string,
): Promise<StoredOrganization | null> {
  const row = await database
    .selectFrom('organization')
    .selectAll()
    // One condition for each index. With `or`, PostgreSQL would read the whole table.
    .where('id', '=', ({ fn, selectFrom }) =>
      fn.coalesce(
        selectFrom('organization as named').select('named.id').where('named.id', '=', idOrSlug),
        selectFrom('organization as named').select('named.id').where('named.slug', '=', idOrSlug),
        selectFrom('former_slug').select('organizationId').where('slug', '=', idOrSlug),
      ),
    )
    .executeTakeFirst()
  return row ? organizationOf(row) : null
}

/** Returns a page of all organizations, oldest first. For the next page, pass the id of the last one. */
export async function listOrganizations(
  database: Database,
  { after, limit }: { after: string | null; limit: number },
): Promise<StoredOrganization[]> {
  const rows = await database
    .selectFrom('organization')
    .selectAll()
    .$if(after !== null, (query) => query.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(organizationOf)
}

/**
 * Locks an organization at the beginning of a transaction that changes it or its members, and returns it. The next such transaction waits
 * for this one.
 */
export async function lockOrganization(
  transaction: Database,
  id: string,
): Promise<StoredOrganization | null> {
  const row = await transaction
    .updateTable('organization')
    .set({ id })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
  return row ? organizationOf(row) : null
}

/**
 * Writes an organization that the transaction has locked. A former slug is kept for it. Returns false if another organization has the new
 * slug or had it before. The caller must then roll back its transaction.
 */
export async function writeOrganization(
  transaction: Database,
  before: StoredOrganization,
  after: StoredOrganization,
): Promise<boolean> {
  if (after.slug !== before.slug) {
    if (await isFormerSlug(transaction, after.slug, after.id)) return false
    await transaction.deleteFrom('former_slug').where('slug', '=', after.slug).execute()
    await transaction
      .insertInto('former_slug')
      .values({ slug: before.slug, organizationId: before.id, createdAt: after.updatedAt })
      .execute()
  }
  try {
    await transaction.updateTable('organization').set(rowOf(after)).where('id', '=', after.id).execute()
    return true
  } catch (error) {
    if (isDuplicate(error)) return false
    throw error
  }
}

/** Deletes some organizations that are due for deletion, with all their data. Returns their ids. */
export async function deleteDueOrganizations(transaction: Database, now: number): Promise<string[]> {
  const rows = await transaction
    .deleteFrom('organization')
    .where('id', 'in', (from) =>
      from.selectFrom('organization').select('id').where('deleteAt', '<=', now).limit(20),
    )
    // Check the time again, because the deletion may have been cancelled while this statement waited for the row.
    .where('deleteAt', '<=', now)
    .returning('id')
    .execute()
  return rows.map(({ id }) => id)
}
