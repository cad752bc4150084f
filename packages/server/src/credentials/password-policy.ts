import type { CommonPasswords } from './common-passwords.ts'
import { isMadeOfCommonWords, unitOf } from './common-words.ts'

/** Why a new password will not do. */
export type Weakness = 'short' | 'common' | 'pattern' | 'context'

/** Letters that must be left of a password without what an attacker knows of its owner. */
export const minOwnLetters = 6

/** Characters that must stand before they repeat: what repeats counts once, and fewer than these are never enough (NIST). */
const minRepeatedLength = 8

/**
 * Judges a new password (NIST SP 800-63B-4 section 3.1.1.2): by its length and by what attackers try first. There are no rules of
 * composition. One code point of the normalised text is one character. `known` is what everybody knows: the product's name, the
 * person's name and address. Null if it will do.
 */
export function weaknessOf(
  password: string,
  { minLength, known, common }: { minLength: number; known: readonly string[]; common: CommonPasswords },
): Weakness | null {
  const text = password.normalize('NFC')
  const lower = text.toLowerCase()
  if ([...text].length < minLength) return 'short'
  if (common.has(lower)) return 'common'
  if (isPattern(lower)) return 'pattern'
  if (isMadeOfKnown(lower, known)) return 'context'
  if (isMadeOfCommonWords(lower, { common, minLength })) return 'common'
  const unit = unitOf(lower)
  return unit !== lower && [...unit].length < minRepeatedLength ? 'pattern' : null
}

/** The same few characters, or runs such as abcdef or 654321, one behind the other. */
function isPattern(lower: string): boolean {
  const characters = [...lower]
  if (new Set(characters).size < 5 || /^(.{1,4})\1+.{0,4}$/su.test(lower)) return true
  const steps = characters.slice(1).map((character, index) => stepOf(characters[index] ?? '', character))
  const breaks = steps.filter((step, index) => Math.abs(step) > 1 || (index > 0 && step !== steps[index - 1]))
  return breaks.length <= 3
}

/** 1 for the next of an alphabet or of the digits, in a circle, -1 for the one before, 0 for the same. */
function stepOf(one: string, other: string): number {
  const step = (other.codePointAt(0) ?? 0) - (one.codePointAt(0) ?? 0)
  if (/^\d\d$/.test(one + other) && Math.abs(step) === 9) return -Math.sign(step)
  return step
}

/** Whether hardly anything is left without the words that everybody knows, digits and signs. */
function isMadeOfKnown(lower: string, known: readonly string[]): boolean {
  const words = known
    .flatMap((text) => [text.toLowerCase(), ...text.toLowerCase().split(/[^\p{L}\p{N}]+/u)])
    .map((word) => word.replace(/[^\p{L}\p{N}]/gu, ''))
    .filter((word) => word.length >= 3)
    .sort((one, other) => other.length - one.length)
  const letters = lower.replace(/[^\p{L}\p{N}]/gu, '')
  const rest = words.reduce((text, word) => text.replaceAll(word, ''), letters)
  return rest.length < letters.length && rest.replace(/\P{L}/gu, '').length < minOwnLetters
}
