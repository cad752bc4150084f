import { createHash } from 'node:crypto'
import { type Check, type ForeignHashConfig, fromBase64, isSame } from './check.ts'

/**
 * Checks `sha256$<salt>$<hex>` and `sha512$…`, and `sha256:suffix$…`, in which the salt follows the password. These formats are accepted
 * only with `SALLYPORT_LEGACY_SHA2`.
 */
export function sha2Check(stored: string, { legacySha2 }: ForeignHashConfig): Check | null {
  const [, digest = '', suffix, saltText = '', hex = ''] =
    /^(sha256|sha512)(:suffix)?\$([^$]{0,128})\$([\da-fA-F]{64}|[\da-fA-F]{128})$/.exec(stored) ?? []
  const salt = fromBase64(saltText)
  const hash = Buffer.from(hex, 'hex')
  if (!legacySha2 || salt === null || hash.length !== (digest === 'sha512' ? 64 : 32)) return null
  return async (password) => {
    const text = Buffer.from(password)
    const parts = suffix ? [text, salt] : [salt, text]
    return isSame(createHash(digest).update(Buffer.concat(parts)).digest(), hash)
  }
}
