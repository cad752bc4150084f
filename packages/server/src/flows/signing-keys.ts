import { importVerificationKey, type KeySet, type VerificationKey } from '@sallyport/verify'
import type { Database } from '../store/database.ts'
import { addFirstSigningKey, listSigningKeys } from '../store/signing-key.ts'
import { makeSigningKey, openSigningKey, type SigningKey } from '../tokens/signing-key.ts'

/** The keys of this issuer: one that signs, all that are published, and the set by which it verifies its own tokens. */
export type SigningKeys = { current: SigningKey; publicJwks: Record<string, unknown>[]; keySet: KeySet }

/** Loads the keys; a fresh install makes its first one, once, however many processes start. */
export async function loadSigningKeys(database: Database, secret: string, now: number): Promise<SigningKeys> {
  let rows = await listSigningKeys(database)
  if (rows.length === 0) {
    await addFirstSigningKey(database, {
      ...(await makeSigningKey(secret)),
      createdAt: now,
      activeAt: now,
      retiredAt: null,
    })
    rows = await listSigningKeys(database)
  }
  const usable = rows.filter(({ retiredAt }) => retiredAt === null)
  // A first key that another process has made this very moment lies in the future of the time we were given.
  const row = usable.find(({ activeAt }) => activeAt <= now) ?? usable.at(-1)
  if (!row) throw new TypeError('The database holds no active signing key.')
  const publicJwks = rows.map(({ publicJwk }) => JSON.parse(publicJwk) as Record<string, unknown>)
  const keys = new Map<string, VerificationKey>()
  for (const jwk of publicJwks) {
    const key = importVerificationKey(jwk)
    if (key !== null) keys.set(key.kid, key)
  }
  return {
    current: openSigningKey(secret, row),
    publicJwks,
    keySet: { find: (kid) => keys.get(kid) ?? null, load: async () => {} },
  }
}
