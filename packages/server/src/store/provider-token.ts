import type { Database } from './database.ts'
import type { ProviderTokenRow } from './row-types.ts'

export type { ProviderTokenRow } from './row-types.ts'

/** Stores the tokens of an identity, and replaces earlier ones. A refresh that is under way does not replace them any more. */
export async function putProviderToken(
  transaction: Database,
  { identityId, tokens, updatedAt }: Pick<ProviderTokenRow, 'identityId' | 'tokens' | 'updatedAt'>,
): Promise<void> {
  const value = { tokens, lease: null, leaseUntil: 0, updatedAt }
  await transaction
    .insertInto('provider_token')
    .values({ identityId, ...value })
    .onConflict((conflict) => conflict.column('identityId').doUpdateSet(value))
    .execute()
}

export async function findProviderToken(
  database: Database,
  identityId: string,
): Promise<ProviderTokenRow | null> {
  const row = await database
    .selectFrom('provider_token')
    .selectAll()
    .where('identityId', '=', identityId)
    .executeTakeFirst()
  return row ?? null
}

/** Returns the tokens of a user at a provider. If the user has linked several accounts there, those of the account that was used last. */
export async function findProviderTokenOf(
  database: Database,
  userId: string,
  provider: string,
): Promise<ProviderTokenRow | null> {
  const row = await database
    .selectFrom('provider_token')
    .innerJoin('identity', 'identity.id', 'provider_token.identityId')
    .selectAll('provider_token')
    .where('identity.userId', '=', userId)
    .where('identity.provider', '=', provider)
    .orderBy('identity.lastUsedAt', 'desc')
    .orderBy('identity.id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ?? null
}

/** The tokens of an identity, with the name of its provider in the settings, and the user. */
export type ProviderTokenOfUser = Pick<ProviderTokenRow, 'identityId' | 'tokens'> & {
  provider: string
  userId: string
}

/** Returns all tokens of these users. With an identity, only its tokens. */
export async function listProviderTokensOf(
  database: Database,
  userIds: readonly string[],
  identityId?: string,
): Promise<ProviderTokenOfUser[]> {
  return database
    .selectFrom('provider_token')
    .innerJoin('identity', 'identity.id', 'provider_token.identityId')
    .select(['provider_token.identityId', 'provider_token.tokens', 'identity.provider', 'identity.userId'])
    .where('identity.userId', 'in', userIds)
    .$if(identityId !== undefined, (query) => query.where('identity.id', '=', identityId ?? ''))
    .execute()
}

/** Reserves the refresh of these tokens. Returns false if another refresh is under way, or if the tokens have changed. */
export async function leaseProviderToken(
  database: Database,
  { identityId, tokens }: Pick<ProviderTokenRow, 'identityId' | 'tokens'>,
  { lease, now, leaseUntil }: { lease: string; now: number; leaseUntil: number },
): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable('provider_token')
    .set({ lease, leaseUntil })
    .where('identityId', '=', identityId)
    .where('tokens', '=', tokens)
    .where('leaseUntil', '<=', now)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Ends a refresh. With `tokens`, stores the new ones. If the tokens were replaced or deleted in the meantime, changes nothing. */
export async function endProviderTokenLease(
  database: Database,
  { identityId, lease }: { identityId: string; lease: string },
  renewed: Pick<ProviderTokenRow, 'tokens' | 'updatedAt'> | null,
): Promise<void> {
  await database
    .updateTable('provider_token')
    .set({ lease: null, leaseUntil: 0, ...renewed })
    .where('identityId', '=', identityId)
    .where('lease', '=', lease)
    .execute()
}

/** Deletes the tokens of an identity. With `unchanged`, only if they have not changed. With `lease`, only if the refresh is still ours. */
export async function dropProviderToken(
  database: Database,
  identityId: string,
  { unchanged, lease }: { unchanged?: string; lease?: string } = {},
): Promise<void> {
  await database
    .deleteFrom('provider_token')
    .where('identityId', '=', identityId)
    .$if(unchanged !== undefined, (query) => query.where('tokens', '=', unchanged ?? ''))
    .$if(lease !== undefined, (query) => query.where('lease', '=', lease ?? ''))
    .execute()
}
