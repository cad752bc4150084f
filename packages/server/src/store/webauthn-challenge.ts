import type { Database } from './database.ts'
import type { WebauthnChallengeRow } from './row-types.ts'

export async function addChallenge(database: Database, challenge: WebauthnChallengeRow): Promise<void> {
  await database.insertInto('webauthn_challenge').values(challenge).execute()
}

/**
 * Deletes a challenge that has not expired. Returns false if there is none with this hash, purpose and binding. Then nothing is deleted, so
 * that nobody can use up the challenge of somebody else.
 */
export async function takeChallenge(
  database: Database,
  { hash, purpose, boundTo }: Omit<WebauthnChallengeRow, 'expiresAt'>,
  now: number,
): Promise<boolean> {
  const { numDeletedRows } = await database
    .deleteFrom('webauthn_challenge')
    .where('hash', '=', hash)
    .where('purpose', '=', purpose)
    .where('boundTo', '=', boundTo)
    .where('expiresAt', '>', now)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

/** Deletes some expired rows. Returns true if there may be more. */
export async function dropExpiredChallenges(database: Database, now: number): Promise<boolean> {
  const limit = 500
  const { numDeletedRows } = await database
    .deleteFrom('webauthn_challenge')
    .where('hash', 'in', (from) =>
      from.selectFrom('webauthn_challenge').select('hash').where('expiresAt', '<=', now).limit(limit),
    )
    .executeTakeFirst()
  return numDeletedRows === BigInt(limit)
}
