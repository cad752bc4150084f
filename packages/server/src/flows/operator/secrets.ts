import { byOperator } from '../../services/audit-log.ts'
import type { Context } from '../../services/context.ts'
import { type SealedRow, sealedRows } from '../../store/sealed-rows.ts'
import { addSecret, dropSecretsBut, listSecrets, setFormerKeys } from '../../store/secret.ts'
import { openKeys, sealKeys } from '../../tokens/keyring.ts'
import { endEverything } from '../session/end-everything.ts'

/** The number of rows that one query reads. Each row is written separately, so that no request waits long. */
const pageSize = 200

/**
 * Milliseconds. A process counts as running if it has recorded its secret within this time. Every process records its secret once a minute.
 */
const seenLatelyMs = 150_000

type SealedKind = keyof typeof sealedRows
const kinds = Object.keys(sealedRows) as SealedKind[]

/**
 * The number of values that are sealed (stored encrypted) under the first secret (`current`), under another known secret (`earlier`), or
 * under an unknown secret (`lost`).
 */
export type SealedCounts = Record<SealedKind, { current: number; earlier: number; lost: number }>

export type SecretReport = {
  sealed: SealedCounts
  /**
   * The number of earlier secrets whose keys are stored in the database. Data that was made with these secrets stays readable after they
   * are removed from the settings.
   */
  carried: number
  /**
   * The last time, in milliseconds, at which a process used a first secret that differs from ours. Null if this time is more than 2.5
   * minutes ago.
   */
  olderUsedAt: number | null
}

/**
 * Seals all values again under the first secret. Also stores the keys of the other secrets, sealed under the first secret, so that the
 * other secrets can be removed from the settings. This function can be called again, and servers may run at the same time, because a row is
 * replaced only if it has not changed since it was read.
 */
export async function resealSecrets(
  context: Context,
  onProgress: (rows: number) => void = () => {},
): Promise<SecretReport> {
  const { database, keyring, clock, config } = context
  const [first = ''] = config.secret
  // Store the keys first, so that all data stays readable if the process is interrupted.
  for (const keys of keyring.own.slice(1)) {
    await addSecret(database, { id: keys.id, createdAt: clock(), usedAt: 0 })
    await setFormerKeys(database, keys.id, { formerKeys: sealKeys(keys, first), carriedAt: clock() })
  }
  await carryOn(context)
  let done = 0
  for (const kind of kinds)
    for await (const row of everyRow(context, kind)) {
      done += 1
      onProgress(done)
      if (keyring.isCurrent(kind, row.sealed, row.context)) continue
      const plain = keyring.open(kind, row.sealed, row.context)
      if (plain !== null)
        await sealedRows[kind].replace(database, row, keyring.seal(kind, plain, row.context))
    }
  await byOperator(context, database, 'secret_resealed', null)
  return reportOnSecrets(context)
}

/**
 * Seals the stored keys of earlier secrets again under the first secret, because the secret under which they are sealed now may be removed.
 */
async function carryOn({ database, config }: Context): Promise<void> {
  const [first = ''] = config.secret
  for (const { id, formerKeys, carriedAt } of await listSecrets(database)) {
    const keys = formerKeys === null ? null : openKeys(id, formerKeys, config.secret)
    if (keys !== null) await setFormerKeys(database, id, { formerKeys: sealKeys(keys, first), carriedAt })
  }
}

/** Returns how many values are sealed under which secret, and which secrets are in use. */
export async function reportOnSecrets(context: Context): Promise<SecretReport> {
  const { database, keyring, clock } = context
  const sealed = Object.fromEntries(
    kinds.map((kind) => [kind, { current: 0, earlier: 0, lost: 0 }]),
  ) as SealedCounts
  for (const kind of kinds)
    for await (const row of everyRow(context, kind)) {
      const isOpen = keyring.open(kind, row.sealed, row.context) !== null
      const isCurrent = isOpen && keyring.isCurrent(kind, row.sealed, row.context)
      sealed[kind][isCurrent ? 'current' : isOpen ? 'earlier' : 'lost'] += 1
    }
  const others = (await listSecrets(database)).filter(({ id }) => id !== keyring.firstId)
  const usedAt = Math.max(0, ...others.map((row) => row.usedAt))
  return {
    sealed,
    carried: others.filter(({ formerKeys }) => formerKeys !== null).length,
    olderUsedAt: clock() - usedAt < seenLatelyMs ? usedAt : null,
  }
}

/**
 * Use this after a secret has leaked. Makes everything invalid that was made with other secrets than the first: all sessions end, pending
 * links and mails are deleted, all signing keys are revoked, and the keys of the other secrets are deleted. Returns the number of ended
 * sessions.
 */
export async function forgetSecrets(context: Context): Promise<number> {
  const { database, keyring } = context
  const ended = await endEverything(context, 'operator')
  await dropSecretsBut(database, keyring.firstId)
  await byOperator(context, database, 'secret_forgotten', null, { sessions: ended })
  return ended
}

async function* everyRow({ database }: Context, kind: SealedKind): AsyncGenerator<SealedRow> {
  for (let after = ''; ; ) {
    const page: SealedRow[] = await sealedRows[kind].list(database, { after, limit: pageSize })
    yield* page
    after = page.at(-1)?.key ?? after
    if (page.length < pageSize) return
  }
}
