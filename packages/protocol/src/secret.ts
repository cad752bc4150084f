import { knownSecretHashes } from './known-secret-hashes.ts'
import { secretHash } from './secret-hash.ts'
import { estimateBits } from './secret-worth.ts'

export { isProduction } from './production.ts'

/** The minimum length of a secret, in characters. 32 hexadecimal characters are 128 bits. */
const minCharacters = 32
/**
 * The minimum estimated entropy of a secret, in bits. The estimate for 128 random bits is higher in every encoding. For sentences it is
 * much lower.
 */
const minBits = 96

/** Says how to create a secret, with OpenSSL or with Node. The command for Node works in all shells, including those of Windows. */
export const howToMakeASecret =
  'Make one with: openssl rand -base64 32 (or: node -p "crypto.randomBytes(32).toString(\'base64\')")'

/** Matches placeholders for secrets in templates, in upper or lower case. None of them occurs in random text. */
const placeholder =
  /^<.*>$|^\[.*\]$|\$\{|\{\{|%\w+%|django-insecure|change[-_ ]?(?:me|this|it)|replace[-_ ]?(?:me|this|with)|place[-_ ]?holder|your[-_ ]?(?:\d|own|super|secret|jwt|key|random|strong|very|auth|app|long)|(?:insert|put|enter|paste)[-_ ]?(?:your|the|a|here)|todo[-_ ]|example|tutorial/i

/**
 * Checks a secret. Returns why the text cannot be a secret and how to create one, or null if the text is good. All secrets of the server
 * and all credentials of the SDKs are checked with this function. The returned message contains no part of the text.
 */
export function faultOfSecret(text: string): string | null {
  const fault = faultOf(text)
  return fault === null ? null : `${fault}. ${howToMakeASecret}`
}

/** Does the same as {@link faultOfSecret} for a secret that is sent in a header. It must also be visible ASCII (RFC 9110 section 5.5). */
export function faultOfCredential(text: string): string | null {
  const isVisible = /^[\x21-\x7e]*$/.test(text)
  return (
    faultOfSecret(text) ??
    (isVisible
      ? null
      : `must be visible ASCII without white space, because it is sent in a header. ${howToMakeASecret}`)
  )
}

/**
 * Returns the credential to send. During a rotation, the setting is a list of two credentials (`new,old`), and the first one is sent.
 *
 * @returns The credential. If a credential of the list is not valid, returns its fault instead.
 */
export function credentialToSend(text: string): { credential: string } | { fault: string } {
  const items = text.split(',').map((item) => item.trim())
  const fault = items.map(faultOfCredential).find((found) => found !== null)
  return fault ? { fault } : { credential: items[0] ?? '' }
}

function faultOf(text: string): string | null {
  if (text.trim() === '') return 'is empty'
  if (/^\s|\s$/.test(text)) return 'begins or ends with white space: remove it'
  if (/^(["'`]).*\1$/s.test(text)) return 'is in quotes, which count as part of it: remove them'
  if ([...text].length < minCharacters) return `needs at least ${minCharacters} characters`
  if (isKnown(text)) return 'is published in documentation or in a template, so attackers know it'
  if (placeholder.test(text)) return 'is a placeholder, not a secret'
  if (estimateBits(text) < minBits)
    return 'can be guessed: it consists of words, a pattern, or too few different characters'
  return null
}

let known: Set<string> | undefined

/** Returns whether the text is on the list of published secrets, in upper or lower case. */
function isKnown(text: string): boolean {
  known ??= new Set(knownSecretHashes.match(/[\w-]{8}/g))
  return known.has(secretHash(text))
}
