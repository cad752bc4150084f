import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import type { Attempt } from '../../services/throttles.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { addPendingSignIn, findPendingSignIn } from '../../store/pending-sign-in.ts'
import type { Unchanged } from '../../store/session.ts'
import { findUserById, type StoredUser } from '../../store/user.ts'
import { newOneTimeSecret, oneTimeHash } from '../../tokens/one-time-secret.ts'
import type { Missing } from './second-factor-policy.ts'

/** Seconds for which a pending sign-in is valid. */
export const pendingSignInSeconds = 600

/** What the user has just proved, for example with the right password. */
export type Proof = {
  /** The methods, as values of the claim `amr` (RFC 8176): `['pwd']`. With `mfa`, no second factor is asked for. */
  methods: readonly string[]
  /** What must not have changed since the proof was checked. Otherwise the gate opens no session. */
  unchanged: Unchanged
}

/** A sign-in that needs a second factor. It opens nothing but the endpoints that check or set up a second factor. */
export type PendingSignIn = Missing & {
  /** The secret by which the browser continues this sign-in. */
  handle: string
  /** Seconds for which the sign-in can be continued. */
  expiresIn: number
  /** For how many seconds the user can choose not to be asked again in this browser. */
  trustedBrowserSeconds: number
}

/**
 * Stores a sign-in whose first factor was right. It ends when the password changes, when all sessions of the user end, or after ten
 * minutes. Returns null if the proof is no longer valid.
 */
export async function holdSignIn(
  context: Context,
  user: StoredUser,
  { methods, unchanged }: Proof,
  missing: Missing,
  source: RequestSource,
  attempt: Pick<Attempt, 'reset'> | undefined,
): Promise<PendingSignIn | null> {
  const { clock, database, randomBytes } = context
  const { secret, hash } = newOneTimeSecret(randomBytes)
  const createdAt = clock()
  const expiresAt = createdAt + pendingSignInSeconds * 1000
  const isHeld = await inTransaction(database, async (transaction) => {
    // The user was read before the proof was checked. If the version is still the same, the password was not changed in the meantime.
    const version = 'version' in unchanged ? unchanged.version : user.version
    const current = await findUserById(transaction, user.id)
    if (current === null || current.disabledAt !== null || current.version !== version) return false
    await addPendingSignIn(transaction, {
      hash,
      userId: user.id,
      methods: [...methods],
      version,
      createdAt,
      expiresAt,
    })
    await recordAuditEvent(context, transaction, source, {
      action: 'second_factor_asked',
      userId: user.id,
      actor: 'nobody',
    })
    // The first factor was right.
    await attempt?.reset(transaction)
    return true
  })
  const { trustedBrowserSeconds } = context.config
  return isHeld
    ? { ...missing, handle: secret, expiresIn: pendingSignInSeconds, trustedBrowserSeconds }
    : null
}

/**
 * Returns a pending sign-in and its user.
 *
 * @throws FlowError `sign_in_expired`.
 */
export async function readPendingSignIn(
  { database, clock }: Pick<Context, 'database' | 'clock'>,
  handle: string | null,
): Promise<{ hash: string; user: StoredUser; proof: Proof; expiresIn: number }> {
  const hash = handle === null ? null : oneTimeHash(handle)
  const now = clock()
  const pending = hash === null ? null : await findPendingSignIn(database, hash, now)
  const user = pending === null ? null : await findUserById(database, pending.userId)
  if (hash === null || pending === null || user === null) throw new FlowError('sign_in_expired')
  const { methods, version, expiresAt } = pending
  return {
    hash,
    user,
    proof: { methods, unchanged: { version } },
    expiresIn: Math.max(1, Math.ceil((expiresAt - now) / 1000)),
  }
}
