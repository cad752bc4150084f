import { createHash, timingSafeEqual } from 'node:crypto'

/** The reason that is logged if a caller has sent no credential. */
export const noCredential = 'no credential'

/**
 * Returns null if one of these credentials is one of the secrets. Otherwise returns the reason of the refusal. The reason is logged, so
 * that operators can see a wrong setting. The reason contains nothing that the caller sent.
 */
export function refusalOf(
  given: readonly string[],
  secrets: readonly string[],
  setting: string,
): string | null {
  if (given.some((credential) => isOneOf(credential, secrets))) return null
  if (given.length === 0) return noCredential
  if (secrets.length === 0) return `a credential was sent, and ${setting} is not set here`
  if (given.some((credential) => credential.includes(',')))
    return `a list was sent: the caller must send one secret of ${setting}`
  return `the credential that was sent is not in ${setting}`
}

/** Compares a credential with every secret, in constant time whatever their lengths are. */
function isOneOf(given: string, secrets: readonly string[]): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const wanted = digest(given)
  return secrets.reduce((found, secret) => timingSafeEqual(digest(secret), wanted) || found, false)
}
