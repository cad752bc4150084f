import type { CommonPasswords } from './common-passwords.ts'
import { isMadeOfCommonWords, unitOf } from './common-words.ts'

/** The reasons why a new password is refused. */
export type Weakness = 'short' | 'common' | 'pattern' | 'context'

/** After words that others know, such as the name of the user, are removed from a password, at least this many letters must be left. */
export const minOwnLetters = 6

/** If a password is a repetition, the repeated part counts only once. This part must have at least this many characters (NIST). */
const minRepeatedLength = 8

/**
 * Checks a new password (NIST SP 800-63B-4 section 3.1.1.2): its length, and whether attackers would try it first. There are no rules about
 * kinds of characters. One code point of the normalised text counts as one character. `known` are words that others know: the product's
 * name, and the name and address of the user. Returns null if the password is accepted.
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

/** Returns whether a text consists of a few repeated characters, or of sequences such as abcdef or 654321. */
function isPattern(lower: string): boolean {
  const characters = [...lower]
  if (new Set(characters).size < 5 || /^(.{1,4})\1+.{0,4}$/su.test(lower)) return true
  const steps = characters.slice(1).map((character, index) => stepOf(characters[index] ?? '', character))
  const breaks = steps.filter((step, index) => Math.abs(step) > 1 || (index > 0 && step !== steps[index - 1]))
  return breaks.length <= 3
}

/**
 * Returns the distance from one character to the other: 1 if `other` is the next letter or digit (0 follows 9), -1 if it is the previous
 * one, 0 if it is the same.
 */
function stepOf(one: string, other: string): number {
  const step = (other.codePointAt(0) ?? 0) - (one.codePointAt(0) ?? 0)
  if (/^\d\d$/.test(one + other) && Math.abs(step) === 9) return -Math.sign(step)
  return step
}

/** Returns whether almost nothing is left if known words, digits and signs are removed. */
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
