/**
 * How rare each pair of letters is in words and names. Each number is minus log2 of how often the second letter follows the first, in whole
 * bits. There are 26 rows of 26 numbers, computed from the words in the server's list of common passwords.
 */
const pairs =
  '75448756596342869344667756257839983994883994693999593968399259358839947559996936752668399667389459586958' +
  '46644768687453669234866657397734663984883893753789583586274448856637945749896927992799387776299585499969' +
  '47454649796452559444769787298829964969882996893898793777279727756649954659894937752689397368379866579959' +
  '25793999399958349869599959375337373758844998446999676555775678544245935455576838983894397499349455499959' +
  '39979999599999977979192697366436683965553795445789593756389349665645893259686937683893398667399354597948' +
  '55444658587443959334699877278916892886994998988999692677277438567438864889896939464577399959549744597437' +
  '3454455677744435963557597728963984397656387876586453'

/** Sequences of neighbouring keys on keyboards. */
const keyboard = [
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  '1234567890',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'qazwsxedcrfvtgbyhnujmikolp',
  '1q2w3e4r5t6y7u8i9o0p',
  '!@#$%^&*()',
].flatMap((row) => [row, [...row].reverse().join('')])

/** Digits and signs that people write instead of letters. */
const leet: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
}

/** The bits per letter in a text that consists of words. English prose has about 1.3 (Shannon). Names and other languages have more. */
const bitsOfWordLetter = 1.6
/** The minimum number of letter pairs that are needed to decide whether a whole text consists of words. */
const minProsePairs = 20
/** The minimum length of a repetition, a sequence or a row of keys, in characters. */
const minPieceLength = 4

/**
 * Estimates the entropy of a text in bits. The estimate assumes an attacker who knows how people invent secrets: with words, repetitions,
 * sequences, rows of keys, and all of these encoded as hexadecimal or base64. For 16 or more random bytes, the result is well above 96 in
 * every encoding.
 */
export function estimateBits(text: string): number {
  return Math.min(bitsAsText(text), bitsWithoutLeet(text), ...decoded(text).map(bitsOfBytes))
}

/** Decodes a text as hexadecimal and as base64. Returns a buffer for each encoding that is possible. */
function decoded(text: string): Buffer[] {
  const hex = /^(?:[\da-f]{2}){8,}$/i.test(text) ? [Buffer.from(text, 'hex')] : []
  const base64 = /^[\w+/-]{16,}={0,2}$/.test(text) ? [Buffer.from(text, 'base64')] : []
  return [...hex, ...base64]
}

/**
 * Estimates decoded bytes. If they are text, they are estimated as text. Otherwise each byte counts as eight bits. Repetitions and counting
 * sequences count as fewer bits.
 */
function bitsOfBytes(bytes: Buffer): number {
  const text = bytes.toString('latin1')
  if (/^[\x20-\x7e\r\n\t]*$/.test(text)) return estimateBits(text.trim())
  return bitsOfPieces(text, () => 8)
}

function bitsAsText(text: string): number {
  const distinct = Math.log2(new Set(text).size) + 0.5
  const worthOf = isHex(text) ? () => 4 : lettersWorth(text)
  const worths = Array.from(text, (_, index) => Math.min(distinct, worthOf(index)))
  const lower = text.toLowerCase()
  return Math.min(
    bitsOfPieces(lower, (index) => worths[index] ?? 0),
    // Check every second character for two mixed sequences, such as a1b2c3 or 001122.
    [0, 1]
      .map((first) => bitsOfPieces(everySecond(lower, first), (index) => worths[index * 2 + first] ?? 0))
      .reduce((one, other) => one + other),
  )
}

/** Replaces digits and signs by the letters that they look like. If the result consists of words, estimates the result. */
function bitsWithoutLeet(text: string): number {
  const signs = /(?<=[a-z])[013457@$]|[013457@$](?=[a-z])/gi
  const plain = text.replace(signs, (sign) => leet[sign] ?? sign)
  if (plain === text || isHex(text) || !isProse(plain)) return Number.POSITIVE_INFINITY
  return bitsAsText(plain) + (text.match(signs)?.length ?? 0)
}

function isHex(text: string): boolean {
  return /^[\da-f-]+$/i.test(text)
}

function everySecond(text: string, first: number): string {
  return [...text].filter((_, index) => index % 2 === first).join('')
}

/** Adds up the bits of all characters. A repetition, a sequence or a row of keys counts as one choice. */
function bitsOfPieces(text: string, worthOf: (index: number) => number): number {
  let bits = 0
  for (let index = 0; index < text.length; ) {
    const length = Math.max(
      repetitionLength(text, index),
      sequenceLength(text, index),
      keyboardRunLength(text, index),
    )
    bits += length >= minPieceLength ? Math.min(8, sum(index, index + length, worthOf)) : worthOf(index)
    index += length >= minPieceLength ? length : 1
  }
  return bits
}

function sum(from: number, to: number, worthOf: (index: number) => number): number {
  let bits = 0
  for (let index = from; index < to; index += 1) bits += worthOf(index)
  return bits
}

/** Returns the length of the longest text that begins at this index and also occurs before it. */
function repetitionLength(text: string, index: number): number {
  let longest = 0
  for (let before = 0; before < index; before += 1) {
    let length = 0
    while (index + length < text.length && text[before + length] === text[index + length]) length += 1
    longest = Math.max(longest, length)
  }
  return longest
}

/** Returns the length of the sequence that begins at this index, such as abcdef, 987654 or aaaaaa. */
function sequenceLength(text: string, index: number): number {
  const step = text.charCodeAt(index + 1) - text.charCodeAt(index)
  if (!(Math.abs(step) <= 1)) return 0
  let length = 2
  while (text.charCodeAt(index + length) - text.charCodeAt(index + length - 1) === step) length += 1
  return length
}

function keyboardRunLength(text: string, index: number): number {
  let length = 0
  while (
    index + length < text.length &&
    keyboard.some((row) => row.includes(text.slice(index, index + length + 1)))
  )
    length += 1
  return length
}

/** Returns a function that returns the bits of each character. Letters in words and signs between words have fewer bits. */
function lettersWorth(text: string): (index: number) => number {
  const prose = isProse(text)
  const worth = new Map<number, number>()
  for (const { 0: letters, index } of text.matchAll(/[a-z]+/gi)) {
    const humps = humpsOf(letters)
    const perLetter = prose || readsLikeWords(humps, 3, 4.2) ? bitsOfWordLetter : Math.log2(26)
    const perCase = humps.length === 1 || letters.length / humps.length >= 3 ? 0 : 1
    for (let at = 0; at < letters.length; at += 1) worth.set(index + at, perLetter + perCase)
  }
  return (index) => worth.get(index) ?? (/\d/.test(text[index] ?? '') ? Math.log2(10) : prose ? 1 : 4)
}

/** Splits letters at capital letters. `word`, `WORD` and `Word` have one part; `severalWords` has two. */
function humpsOf(text: string): string[] {
  return text.match(/[A-Z]?[a-z]+|[A-Z]+/g) ?? []
}

/**
 * Returns whether a whole text consists of words. It checks the letter pairs and the positions of the capitals, because capitals can be at
 * any position in random text.
 */
function isProse(text: string): boolean {
  const humps = humpsOf(text)
  return humps.join('').length / humps.length >= 3.3 && readsLikeWords(humps, minProsePairs, 4.3)
}

/** Returns whether the letter pairs are typical of words. On average, a pair has 6.2 bits in random letters, and 3.5 bits in words. */
function readsLikeWords(humps: readonly string[], minPairs: number, maxBits: number): boolean {
  let bits = 0
  let count = 0
  for (const hump of humps.map((letters) => letters.toLowerCase()))
    for (let at = 1; at < hump.length; at += 1) {
      bits += Number(pairs[(hump.charCodeAt(at - 1) - 97) * 26 + hump.charCodeAt(at) - 97])
      count += 1
    }
  return count >= minPairs && bits / count <= maxBits
}
