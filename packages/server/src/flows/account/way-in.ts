import type { Context } from '../../services/context.ts'
import type { Database } from '../../store/database.ts'
import { listIdentities } from '../../store/identity.ts'
import { listPasskeys } from '../../store/passkey.ts'
import { findPasswordHash } from '../../store/user.ts'

/**
 * Returns whether the user can still sign in: with a mailed code, with a password, with a provider that the settings still define, or with
 * a passkey that verifies the user.
 */
export async function hasWayIn(
  { config, providers }: Pick<Context, 'config' | 'providers'>,
  transaction: Database,
  userId: string,
): Promise<boolean> {
  if (config.mailedSignIn === 'on') return true
  if ((await findPasswordHash(transaction, userId)) !== null) return true
  const identities = await listIdentities(transaction, userId)
  if (identities.some(({ provider }) => providers.has(provider))) return true
  const passkeys = config.passkeys ? await listPasskeys(transaction, userId) : []
  return passkeys.some(({ userVerified }) => userVerified)
}
