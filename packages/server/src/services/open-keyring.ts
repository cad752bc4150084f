import type { Database } from '../store/database.ts'
import type { SecretRow } from '../store/row-types.ts'
import { addSecret, dropSecrets, listSecrets, noteSecretUse } from '../store/secret.ts'
import { listSigningKeys } from '../store/signing-key.ts'
import { createKeyring, type Keyring, keysOf, openKeys, type SecretKeys } from '../tokens/keyring.ts'
import type { Context } from './context.ts'

/** The longest life of a session and of the device cookie, in milliseconds. Nothing that is made with a secret stays valid for longer. */
const longestLifeMs = 400 * 86_400_000

/**
 * Returns the keys of the secrets in the settings, and the keys of replaced secrets, which are stored in the database.
 *
 * @throws TypeError when the database was used with a secret whose keys are neither in the settings nor in the database. Without these
 * keys, users would be signed out and links would no longer work.
 */
export async function openKeyring(
  database: Database,
  { secret: secrets, sessionIdleSeconds }: Pick<Context['config'], 'secret' | 'sessionIdleSeconds'>,
  clock: () => number,
): Promise<Keyring> {
  const own = secrets.map(keysOf)
  const rows = await listSecrets(database)
  const former = rows
    .filter(({ id }) => !own.some((keys) => keys.id === id))
    .map((row) => formerKeysOf(row, secrets, { now: clock(), sessionIdleSeconds }))
  const unnoted = rows.length === 0 ? await earlierSecret(database, own) : null
  return createKeyring(own, former, unnoted ?? rows[0]?.id)
}

function formerKeysOf(
  { id, formerKeys, carriedAt, usedAt }: SecretRow,
  secrets: readonly string[],
  { now, sessionIdleSeconds }: { now: number; sessionIdleSeconds: number },
): SecretKeys {
  const found = formerKeys === null ? null : openKeys(id, formerKeys, secrets)
  if (found === null)
    throw new TypeError(
      'SALLYPORT_SECRET lacks a secret that this database was used with. The database still needs this old secret. Set the new and the old secret (SALLYPORT_SECRET=new,old), run sallyport secret reseal, and then remove the old secret. If the old secret is lost, see docs/operations.md, "SALLYPORT_SECRET is lost".',
    )
  // A session that is not refreshed ends after `sessionIdleSeconds`. If this secret was last used more than twice that time ago, the
  // refresh tokens of all open sessions have been made with a newer secret. In this case, leave out the keys for refresh tokens.
  if (now < Math.max(carriedAt ?? 0, usedAt) + 2 * sessionIdleSeconds * 1000) return found
  const keys = new Map([...found.keys].filter(([purpose]) => !purpose.startsWith('refresh token')))
  return { id, keys }
}

/** Returns the id of the secret of a database that was created by a version that did not record secrets. */
async function earlierSecret(database: Database, own: readonly SecretKeys[]): Promise<string | null> {
  const rows = await listSigningKeys(database)
  const made = own.find((keys) => {
    const keyring = createKeyring([keys])
    return rows.some(({ kid, sealedPrivateKey }) => keyring.isCurrent('signing key', sealedPrivateKey, kid))
  })
  return made?.id ?? null
}

/**
 * Records that this process uses its first secret. Call this after the database was opened with that secret. Also deletes secrets that are
 * no longer needed.
 */
export async function noteSecrets({
  database,
  keyring,
  clock,
}: Pick<Context, 'database' | 'keyring' | 'clock'>): Promise<void> {
  const now = clock()
  const { firstId, oldestId } = keyring
  if (oldestId !== firstId) await addSecret(database, { id: oldestId, createdAt: 0, usedAt: 0 })
  await addSecret(database, { id: firstId, createdAt: now, usedAt: now })
  await noteSecretUse(database, firstId, now)
  await dropSecrets(database, now - longestLifeMs)
}
