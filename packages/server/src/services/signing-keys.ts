import { importVerificationKey, type KeySet, type VerificationKey } from '@sallyport/verify'
import type { Database } from '../store/database.ts'
import { decideOnSigningKeys, listSigningKeys, type SigningKeyRow } from '../store/signing-key.ts'
import { dueAt, isPublished, keySchedule, signingKeyAt, takeoverAt } from '../tokens/key-schedule.ts'
import type { Keyring } from '../tokens/keyring.ts'
import { makeSigningKey, openSigningKey, type SigningKey } from '../tokens/signing-key.ts'
import { FlowError } from './flow-error.ts'

/** A key as an operator sees it. Times are in milliseconds. */
export type KeyDescription = {
  kid: string
  algorithm: string
  state: 'signing' | 'reserve' | 'published' | 'retired' | 'revoked'
  createdAt: number
  activeAt: number
  retiredAt: number | null
  revokedAt: number | null
}

/** The signing keys that this process has loaded. */
export type SigningKeys = {
  /** Returns the key that signs now. */
  current(): SigningKey
  /** Returns when the current key began to sign, and when the reserve key (the next signing key) will begin to sign, in milliseconds. */
  times(): { since: number; until: number }
  /** Returns the public keys that verifiers accept. */
  publicJwks(): Record<string, unknown>[]
  /** The key set with which this server verifies its own tokens. It contains the published keys. */
  keySet: KeySet
  describe(): KeyDescription[]
  /** Reads the keys from the database. If a key must be created or retired now, does so. */
  reload(): Promise<void>
  /** Makes the reserve key sign as soon as every verifier has received it. Returns that time, in milliseconds. */
  rotate(alongside?: Alongside): Promise<number>
  /** Marks a key as compromised. The tokens that it has signed are refused everywhere immediately. Sessions continue with another key. */
  revoke(kid: string, alongside?: Alongside): Promise<void>
}

/** Work of the caller that runs in the same transaction. */
type Alongside = (transaction: Database) => Promise<void>

/**
 * Loads the signing keys. If the database is new, creates the first keys. If several processes start at the same time, only one of them
 * creates the keys.
 */
export async function openSigningKeys(
  database: Database,
  keyring: Keyring,
  clock: () => number,
): Promise<SigningKeys> {
  let rows: SigningKeyRow[] = []
  let verificationKeys = new Map<string, VerificationKey | null>()
  const opened = new Map<string, SigningKey>()

  async function newRow(createdAt: number, activeAt: number): Promise<SigningKeyRow> {
    return { ...(await makeSigningKey(keyring)), createdAt, activeAt, retiredAt: null, revokedAt: null }
  }

  function isDue(keys: readonly SigningKeyRow[], now: number): boolean {
    const { additions, retired } = dueAt(keys, now)
    return additions.length + retired.length > 0
  }

  function take(found: SigningKeyRow[]): void {
    rows = found
    verificationKeys = new Map(
      rows.map(({ kid, publicJwk }) => [
        kid,
        verificationKeys.get(kid) ?? importVerificationKey(JSON.parse(publicJwk)),
      ]),
    )
  }

  async function reload(): Promise<void> {
    take(await listSigningKeys(database))
    if (!isDue(rows, clock())) return
    const changed = await decideOnSigningKeys(database, async (keys) => {
      const now = clock()
      // While this process waited for the lock, another process may have created and retired the keys.
      if (!isDue(keys, now)) return null
      const { additions, retired } = dueAt(keys, now)
      return {
        added: await Promise.all(additions.map((activeAt) => newRow(now, activeAt))),
        changed: retired.map((kid) => ({ kid, retiredAt: now, sealedPrivateKey: '' })),
      }
    })
    take(changed)
  }

  function currentRow(): SigningKeyRow {
    const row = signingKeyAt(rows, clock())
    if (row === undefined) throw new FlowError('unavailable', { reason: 'there is no signing key' })
    return row
  }

  function isPublishedNow(row: SigningKeyRow): boolean {
    return isPublished(row, rows, clock())
  }

  function find(kid: string): VerificationKey | null {
    const row = rows.find((candidate) => candidate.kid === kid)
    return row !== undefined && isPublishedNow(row) ? (verificationKeys.get(kid) ?? null) : null
  }

  function open(row: SigningKeyRow): SigningKey {
    const key = opened.get(row.kid) ?? openSigningKey(keyring, row)
    opened.set(row.kid, key)
    return key
  }

  function stateOf(row: SigningKeyRow): KeyDescription['state'] {
    if (row.revokedAt !== null) return 'revoked'
    if (!isPublishedNow(row)) return 'retired'
    if (row.kid === currentRow().kid) return 'signing'
    return row.activeAt > currentRow().activeAt ? 'reserve' : 'published'
  }

  // Open the stored keys first, so that a wrong secret is reported before a key is created. A key that was sealed (encrypted) under a wrong
  // secret would fail only later, when it begins to sign.
  take(await listSigningKeys(database))
  for (const row of rows) if (isPublishedNow(row)) open(row)
  await reload()
  for (const row of rows) if (isPublishedNow(row)) open(row)

  return {
    current: () => open(currentRow()),
    times: () => {
      const since = currentRow().activeAt
      return { since, until: reserveOf(rows, clock())?.activeAt ?? since + keySchedule.signsForMs }
    },
    publicJwks: () =>
      rows
        .filter(isPublishedNow)
        .map(({ publicJwk }) => JSON.parse(publicJwk))
        .reverse(),
    keySet: { find, load: async () => {} },
    describe: () =>
      rows.map((row) => {
        const { kid, algorithm, createdAt, activeAt, retiredAt, revokedAt } = row
        return { kid, algorithm, state: stateOf(row), createdAt, activeAt, retiredAt, revokedAt }
      }),
    reload,
    async rotate(alongside) {
      await reload()
      let at = 0
      take(
        await decideOnSigningKeys(
          database,
          async (keys) => {
            const now = clock()
            const reserve = reserveOf(keys, now)
            if (reserve === undefined) {
              // There is no reserve key, because another process has just rotated the keys.
              at = now + keySchedule.leadMs
              return { added: [await newRow(now, at)] }
            }
            at = takeoverAt(reserve, now)
            return { changed: [{ kid: reserve.kid, activeAt: at }] }
          },
          alongside,
        ),
      )
      await reload()
      return at
    },
    async revoke(kid, alongside) {
      take(
        await decideOnSigningKeys(
          database,
          async (keys) => {
            const now = clock()
            const revoked = keys.find((key) => key.kid === kid)
            if (revoked === undefined) throw new FlowError('not_found', { reason: 'no such key' })
            if (revoked.revokedAt !== null) return null
            const mustReplace = signingKeyAt(keys, now)?.kid === kid
            const reserve = mustReplace ? reserveOf(keys, now) : undefined
            const activeAt = now - keySchedule.backdatedMs
            return {
              added: mustReplace && reserve === undefined ? [await newRow(now, activeAt)] : [],
              changed: [
                { kid, revokedAt: now, sealedPrivateKey: '' },
                ...(reserve ? [{ kid: reserve.kid, activeAt }] : []),
              ],
              revoked: { kid, until: now + keySchedule.revokedForMs },
            }
          },
          alongside,
        ),
      )
      await reload()
    },
  }
}

/** Returns the key that will sign after the current one. */
function reserveOf(keys: readonly SigningKeyRow[], now: number): SigningKeyRow | undefined {
  const current = signingKeyAt(keys, now)
  return signingKeyAt(
    keys.filter(({ kid, activeAt }) => kid !== current?.kid && activeAt > now),
    now,
  )
}
