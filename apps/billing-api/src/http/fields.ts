import { z } from 'zod'
import { type IdKind, isId } from '../database/id.ts'

// Control characters, and characters that change the text direction. With a character of the second kind, an invoice could show another
// text than it contains.
const unprintable = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
const unprintableButLineBreaks = /(?![\n\t])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

/** The schema of a text in one line. It is trimmed, and has at most `length` characters (UTF-16 units). */
export function line(length: number) {
  return text(length, unprintable)
}

/** The schema of a text that may have line breaks. */
export function lines(length: number) {
  return z
    .string('Write text.')
    .transform((value) => value.replaceAll('\r\n', '\n'))
    .pipe(text(length, unprintableButLineBreaks))
}

function text(length: number, refused: RegExp) {
  return z
    .string('Write text.')
    .max(length, `Write at most ${length.toLocaleString('en')} characters.`)
    .refine(
      (value) => value.isWellFormed() && !refused.test(value),
      'Remove the characters that cannot be shown.',
    )
    .transform((value) => value.normalize('NFC').trim())
}

/** The schema of an id of this kind. It does not check whether the record exists. */
export function id(kind: IdKind, message: string) {
  return z.string(message).refine((value) => isId(kind, value), message)
}

/** The schema of a whole number in a query string. */
export function wholeNumber(least: number, most: number) {
  const message = `Give a whole number from ${least} to ${most.toLocaleString('en')}.`
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((value) => value >= least && value <= most, message)
}

/** The schema of a day that exists, as `YYYY-MM-DD`. */
export const day = z.iso.date('Give a day as YYYY-MM-DD.')

export const searchField = line(100).optional()
export const pageField = wholeNumber(1, 100_000).default(1)
export const pageSizeField = wholeNumber(1, 100).default(25)
