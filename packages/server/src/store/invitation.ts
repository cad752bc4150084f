import type { Database } from './database.ts'
import type { InvitationRow } from './organization-rows.ts'

/** An invitation that nobody has accepted. */
export type StoredInvitation = Omit<InvitationRow, 'roles'> & { roles: string[] }

function invitationOf(row: InvitationRow): StoredInvitation {
  return { ...row, roles: JSON.parse(row.roles) as string[] }
}

/** Adds an invitation. It replaces an earlier one of the organization for the same address. */
export async function addInvitation(transaction: Database, invitation: StoredInvitation): Promise<void> {
  const row = { ...invitation, roles: JSON.stringify(invitation.roles) }
  await transaction
    .insertInto('invitation')
    .values(row)
    .onConflict((conflict) => conflict.columns(['organizationId', 'email']).doUpdateSet(row))
    .execute()
}

/** Returns the invitation with this secret, if it has not expired. */
export async function findInvitation(
  database: Database,
  hash: string,
  now: number,
): Promise<StoredInvitation | null> {
  const row = await database
    .selectFrom('invitation')
    .selectAll()
    .where('hash', '=', hash)
    .where('expiresAt', '>', now)
    .executeTakeFirst()
  return row ? invitationOf(row) : null
}

/** Deletes the invitation with this secret and returns it. Only one of several concurrent requests gets it. */
export async function takeInvitation(
  transaction: Database,
  hash: string,
  now: number,
): Promise<StoredInvitation | null> {
  const row = await transaction
    .deleteFrom('invitation')
    .where('hash', '=', hash)
    .where('expiresAt', '>', now)
    .returningAll()
    .executeTakeFirst()
  return row ? invitationOf(row) : null
}

/** Gives an invitation of an organization a new secret, and returns it. */
export async function renewInvitation(
  transaction: Database,
  { organizationId, id }: Pick<StoredInvitation, 'organizationId' | 'id'>,
  renewed: Pick<StoredInvitation, 'hash' | 'sentAt' | 'expiresAt' | 'invitedBy'>,
): Promise<StoredInvitation | null> {
  const row = await transaction
    .updateTable('invitation')
    .set(renewed)
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
  return row ? invitationOf(row) : null
}

export async function findInvitationOf(
  database: Database,
  organizationId: string,
  id: string,
): Promise<StoredInvitation | null> {
  const row = await database
    .selectFrom('invitation')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row ? invitationOf(row) : null
}

/** Deletes an invitation of an organization. Returns whether there was one. */
export async function dropInvitation(
  transaction: Database,
  { organizationId, id }: Pick<StoredInvitation, 'organizationId' | 'id'>,
): Promise<boolean> {
  const { numDeletedRows } = await transaction
    .deleteFrom('invitation')
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

/** Returns a page of the invitations of an organization, the oldest first. For the next page, pass the last id. */
export async function listInvitationsOf(
  database: Database,
  organizationId: string,
  { after, limit }: { after: string | null; limit: number },
): Promise<StoredInvitation[]> {
  const rows = await database
    .selectFrom('invitation')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .$if(after !== null, (query) => query.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(invitationOf)
}

/** Deletes some expired invitations. Returns true if there may be more. */
export async function dropExpiredInvitations(database: Database, now: number): Promise<boolean> {
  const limit = 500
  const { numDeletedRows } = await database
    .deleteFrom('invitation')
    .where('id', 'in', (from) =>
      from.selectFrom('invitation').select('id').where('expiresAt', '<=', now).limit(limit),
    )
    .executeTakeFirst()
  return numDeletedRows === BigInt(limit)
}
