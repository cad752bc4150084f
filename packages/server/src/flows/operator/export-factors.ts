import type { Context } from '../../services/context.ts'
import { listPasskeysOf } from '../../store/passkey.ts'
import { listRecoveryCodesOf } from '../../store/recovery-code.ts'
import { listTotpOf } from '../../store/totp.ts'
import type { Keyring } from '../../tokens/keyring.ts'
import { userHandleOf } from '../sign-in/use-passkey.ts'
import { sealExported } from './exported-secret.ts'

/**
 * Returns a function that describes the factors of these users in the format of an import. Without a key, the secrets of authenticator apps
 * are null. They are also null if this server cannot decrypt them.
 */
export async function factorsForExport(
  { database, keyring, config }: Pick<Context, 'database' | 'keyring' | 'config'>,
  userIds: readonly string[],
  key: Keyring | null,
) {
  const apps = Map.groupBy(await listTotpOf(database, userIds), ({ userId }) => userId)
  const codes = Map.groupBy(await listRecoveryCodesOf(database, userIds), ({ userId }) => userId)
  const passkeys = Map.groupBy(await listPasskeysOf(database, userIds), ({ userId }) => userId)
  const sealed = (id: string, sealedSecret: string, email: string): string | null => {
    const secret = key === null ? null : keyring.open('totp', sealedSecret, id)
    return key === null || secret === null ? null : sealExported(key, secret, email)
  }
  return ({ id: userId, email }: { id: string; email: string }) => {
    const own = apps.get(userId) ?? []
    return {
      totp: own.map(({ id, name, sealedSecret, createdAt, lastUsedAt, lastStep }) => {
        return { name, sealedSecret: sealed(id, sealedSecret, email), createdAt, lastUsedAt, lastStep }
      }),
      // A user who has just removed the last app may still have codes in this list.
      recoveryCodes: own.length === 0 ? [] : (codes.get(userId) ?? []).map(({ hash }) => hash),
      passkeys: (passkeys.get(userId) ?? []).map(({ userId: _, ...passkey }) => ({
        ...passkey,
        userHandle: userHandleOf(userId, [{ ...passkey, userId }]),
        domain: (config.passkeys && config.passkeyDomain) || null,
      })),
    }
  }
}
