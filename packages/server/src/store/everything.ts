import type { Database } from './database.ts'

/** The maximum number of sessions that one transaction ends. The number is limited so that other requests do not wait long. */
const pageSize = 500

/** Ends some open sessions, of all users. Returns how many were ended, or 0 if no open session is left. */
export async function endSomeSessions(
  database: Database,
  { reason, now }: { reason: string; now: number },
): Promise<number> {
  const { numUpdatedRows } = await database
    .updateTable('session')
    .set({ endedAt: now, endReason: reason })
    .where('id', 'in', (from) =>
      from.selectFrom('session').select('id').where('endedAt', 'is', null).limit(pageSize),
    )
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/**
 * Deletes pending links, mails that were not sent, known browsers, planned removals of second factors, tokens of outside providers, and
 * invitations to organizations.
 * Otherwise a person with a stolen copy of the database could use a link in it. Also, after a backup was restored, a link that was already
 * used could be used again, and a removal that was cancelled would be carried out.
 */
export async function dropPendingSecrets(database: Database): Promise<void> {
  await database.deleteFrom('one_time_token').execute()
  await database.deleteFrom('mail').where('state', '=', 'due').execute()
  await database.deleteFrom('known_device').execute()
  await database.deleteFrom('pending_sign_in').execute()
  await database.deleteFrom('provider_start').execute()
  await database.deleteFrom('provider_token').execute()
  await database.deleteFrom('webauthn_challenge').execute()
  await database.deleteFrom('mailed_sign_in').execute()
  await database.deleteFrom('factor_removal').execute()
  await database.deleteFrom('invitation').execute()
}
