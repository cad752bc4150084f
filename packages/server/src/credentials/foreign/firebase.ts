import { createCipheriv } from 'node:crypto'
import { type Check, type ForeignHashConfig, fromBase64, isSame, scryptKey } from './check.ts'

/**
 * Checks `firebase$<rounds>$<memCost>$<salt>$<hash>`, from `firebase auth:export`. scrypt derives a key from the password. The key encrypts
 * the signer key of the project, and the ciphertext is the hash.
 */
export function firebaseCheck(stored: string, { firebase }: ForeignHashConfig): Check | null {
  const [, rounds, memory, saltText = '', hashText = ''] =
    /^firebase\$(\d{1,2})\$(\d{1,2})\$([^$]{1,128})\$([^$]{1,256})$/.exec(stored) ?? []
  const [salt, hash] = [fromBase64(saltText), fromBase64(hashText)]
  const [signer, separator] = [
    fromBase64(firebase?.signerKey ?? ''),
    fromBase64(firebase?.saltSeparator ?? ''),
  ]
  if (!salt || !hash?.length || !signer?.length || !separator) return null
  const cost = { N: 2 ** Number(memory), r: Number(rounds), p: 1 }
  const derive = scryptKey(Buffer.concat([salt, separator]), 32, cost)
  return (
    derive &&
    (async (password) => {
      const cipher = createCipheriv('aes-256-ctr', await derive(password), Buffer.alloc(16))
      return isSame(cipher.update(signer), hash)
    })
  )
}
