import type { CommonPasswords } from './common-passwords.ts'

/** Digits and signs that people write in place of letters. There are two tables, because 1 and ! can mean an i or an l. */
const readings = ['i', 'l'].map(
  (one): Readonly<Record<string, string>> => ({
    '0': 'o',
    '1': one,
    '!': one,
    '3': 'e',
    '4': 'a',
    '@': 'a',
    '5': 's',
    $: 's',
    '7': 't',
    '+': 't',
    '8': 'b',
    '9': 'g',
  }),
)

/**
 * If a password consists of words, it needs this many bits for each character of the minimum length, but at most `maxRequiredBits`. The
 * bits of a password are the logarithm (base 2) of the estimated number of guesses. Three of the most common words together have too few
 * bits, and so have two less common words.
 */
const requiredBitsPerCharacter = 2.5
const maxRequiredBits = 30
const bitsOfDigit = 3.3
const bitsOfLetter = 4.7
const bitsOfSign = 4
/** The bits of a word that occurs again in the password. */
const bitsOfRepetition = 1
/** The bits that a word gains if it is spelt backwards or with signs for letters. */
const bitsOfTrick = 2
/** The maximum length that is searched for words, because searching takes time. A longer password is weak only if it is a repetition. */
const maxSearchedLength = 64
const maxWordLength = 24
const minWordLength = 4

/**
 * Returns whether a password consists of a few common words. The words may follow each other, be repeated, be spelt backwards or with
 * digits for letters, and have digits and signs around and between them. `lower` is the password in lower case.
 */
export function isMadeOfCommonWords(
  lower: string,
  { common, minLength }: { common: CommonPasswords; minLength: number },
): boolean {
  const known = (word: string) => common.rankOf(word) !== undefined || common.has(word)
  if (known(withoutEdges(lower))) return true
  const minTextLength = lower.length * 0.6
  return (
    [lower, withoutSigns(lower)]
      .flatMap((text) => [text, withoutEdges(text)])
      // Leave out a text that is less than 60 percent of the password, because so many removed digits and signs make the password stronger.
      .filter((text) => text.length >= minTextLength)
      .flatMap((text) => [text, unitOf(text)])
      .flatMap((text) => [text, withoutEdges(text)])
      .some((text) => spellings(text).some(known)) ||
    [lower, unitOf(lower)].some(
      (text) => bitsInWords(text, common) < Math.min(maxRequiredBits, minLength * requiredBitsPerCharacter),
    )
  )
}

/**
 * Returns the shortest piece whose repetition gives the text. The last repetition may be incomplete. If the text is not a repetition,
 * returns the text itself.
 */
export function unitOf(text: string): string {
  const characters = [...text]
  // The failure function of the Knuth-Morris-Pratt algorithm: for each prefix, the length of its longest border (a proper prefix that is
  // also a suffix).
  const borders = [0]
  for (let at = 1, border = 0; at < characters.length; at += 1) {
    while (border > 0 && characters[at] !== characters[border]) border = borders[border - 1] ?? 0
    if (characters[at] === characters[border]) border += 1
    borders[at] = border
  }
  const period = characters.length - (borders.at(-1) ?? 0)
  return period * 2 <= characters.length ? characters.slice(0, period).join('') : text
}

function withoutSigns(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '')
}

function withoutEdges(text: string): string {
  return text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
}

/** Returns the text as it is, backwards, and with signs replaced by letters. Each result has the length of the text. */
function spellings(text: string): string[] {
  return [text, reversed(text), ...readings.map((reading) => read(text, reading))]
}

function reversed(text: string): string {
  return text.split('').reverse().join('')
}

function read(text: string, reading: Readonly<Record<string, string>>): string {
  return text.replace(/[0134578!@$+9]/g, (sign) => reading[sign] ?? sign)
}

type Piece = { from: number; bits: number; word: string | null }

/**
 * Returns the bits of a password. The password is split into words, digits and signs so that the sum of their bits is as small as possible.
 * If less than half of the password is words, returns infinity.
 */
function bitsInWords(lower: string, common: CommonPasswords): number {
  if (lower.length > maxSearchedLength) return Number.POSITIVE_INFINITY
  const pieces = cheapestPieces(lower, common)
  const words = pieces.flatMap(({ word }) => word ?? [])
  if (words.join('').length * 2 < lower.length) return Number.POSITIVE_INFINITY
  const seen = new Set<string>()
  let bits = 0
  for (const piece of pieces) {
    const isRepeated = piece.word !== null && seen.has(piece.word)
    if (piece.word !== null) seen.add(piece.word)
    bits += isRepeated ? bitsOfRepetition : piece.bits
  }
  return bits
}

function cheapestPieces(text: string, common: CommonPasswords): Piece[] {
  const wordAt = wordFinder(text, common)
  const best: (Piece & { total: number })[] = []
  for (let end = 1; end <= text.length; end += 1) {
    const bits = bitsOfCharacter(text[end - 1] ?? '')
    let cheapest: Piece & { total: number } = {
      from: end - 1,
      bits,
      word: null,
      total: (best[end - 2]?.total ?? 0) + bits,
    }
    for (let from = Math.max(0, end - maxWordLength); from <= end - minWordLength; from += 1) {
      const found = wordAt(from, end)
      const total = (best[from - 1]?.total ?? 0) + (found?.bits ?? Number.POSITIVE_INFINITY)
      if (found !== null && total < cheapest.total) cheapest = { from, ...found, total }
    }
    best[end - 1] = cheapest
  }
  const pieces: Piece[] = []
  for (let end = text.length; end > 0; end = pieces[0]?.from ?? 0) pieces.unshift(best[end - 1] as Piece)
  return pieces
}

/**
 * Returns a function that finds the word in a piece of the text. It first looks for the piece as it is, then backwards and with signs
 * replaced by letters.
 */
function wordFinder(text: string, common: CommonPasswords) {
  const [, backwards = '', ...read] = spellings(text)
  const others = read.filter((spelling) => spelling !== text)
  return (from: number, end: number): { bits: number; word: string } | null => {
    const word = text.slice(from, end)
    const rank = common.rankOf(word)
    if (rank !== undefined) return { bits: Math.log2(rank + 1), word }
    const tricks = [
      backwards.slice(text.length - end, text.length - from),
      ...others.map((spelling) => spelling.slice(from, end)),
    ]
    for (const trick of tricks) {
      const rank = common.rankOf(trick)
      if (rank !== undefined) return { bits: Math.log2(rank + 1) + bitsOfTrick, word: trick }
    }
    return null
  }
}

function bitsOfCharacter(character: string): number {
  if (/\p{N}/u.test(character)) return bitsOfDigit
  return /\p{L}/u.test(character) ? bitsOfLetter : bitsOfSign
}
