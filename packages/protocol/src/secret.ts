import { knownSecretHashes } from './known-secret-hashes.ts'
import { secretHash } from './secret-hash.ts'
import { estimateBits } from './secret-worth.ts'

export { isProduction } from './production.ts'

/** Shortest secret: 32 characters of hexadecimal are 128 bits. */
const minCharacters = 32
/** What a secret must be worth. 128 random bits come out above it however they are written, sentences far below. */
const minBits = 96

/** How to make a secret, with OpenSSL or without it; the second works in every shell, on Windows too. */
export const howToMakeASecret =
  'Make one with: openssl rand -base64 32 (or: node -p "crypto.randomBytes(32).toString(\'base64\')")'

/** What stands for a secret in a template, in any case. None of these turns up in random text. */
const placeholder =
  /^<.*>$|^\[.*\]$|\$\{|\{\{|%\w+%|django-insecure|change[-_ ]?(?:me|this|it)|replace[-_ ]?(?:me|this|with)|place[-_ ]?holder|your[-_ ]?(?:\d|own|super|secret|jwt|key|random|strong|very|auth|app|long)|(?:insert|put|enter|paste)[-_ ]?(?:your|the|a|here)|todo[-_ ]|example|tutorial/i

/**
 * Says why a text is no secret, and how to make one; null if it will do. Every secret of the server, and every credential that an SDK
 * holds, goes through here. The sentence holds nothing of the text.
 */
export function faultOfSecret(text: string): string | null {
  const fault = faultOf(text)
  return fault === null ? null : `${fault}. ${howToMakeASecret}`
}

/** The same for a secret that travels in a header, where only visible ASCII arrives as it was sent (RFC 9110 section 5.5). */
export function faultOfCredential(text: string): string | null {
  const isVisible = /^[\x21-\x7e]*$/.test(text)
  return (
    faultOfSecret(text) ??
    (isVisible
      ? null
      : `must be visible ASCII without white space, for it is sent in a header. ${howToMakeASecret}`)
  )
}

/**
 * The one credential to send, out of a setting that may list two while they are rotated (`new,old`): the first.
 *
 * @returns The credential, or the fault of any of them.
 */
export function credentialToSend(text: string): { credential: string } | { fault: string } {
  const items = text.split(',').map((item) => item.trim())
  const fault = items.map(faultOfCredential).find((found) => found !== null)
  return fault ? { fault } : { credential: items[0] ?? '' }
}

function faultOf(text: string): string | null {
  if (text.trim() === '') return 'is empty'
  if (/^\s|\s$/.test(text)) return 'begins or ends with white space: take it off'
  if (/^(["'`]).*\1$/s.test(text)) return 'stands in quotes that are a part of it: take them off'
  if ([...text].length < minCharacters) return `needs at least ${minCharacters} characters`
  if (isKnown(text)) return 'is published, in documentation or in a template, so everybody knows it'
  if (placeholder.test(text)) return 'is a placeholder, not a secret'
  if (estimateBits(text) < minBits)
    return 'can be guessed: it is made of words, of a pattern, or of too few characters'
  return null
}

let known: Set<string> | undefined

/** Whether it is on the list of published secrets, in any case. */
function isKnown(text: string): boolean {
  known ??= new Set(knownSecretHashes.match(/[\w-]{8}/g))
  return known.has(secretHash(text))
}
