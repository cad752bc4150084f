/**
 * Matches characters that move the cursor, or change colours or the text direction. It does not match the zero-width joiners (U+200C,
 * U+200D), which some scripts and emoji need.
 */
const control = /[\p{Cc}\p{Zl}\p{Zp}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{feff}\p{Cs}]/gu
const controlButLines =
  /[^\P{Cc}\n]|[\p{Zl}\p{Zp}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{feff}\p{Cs}]/gu

/** Escapes control characters in text of users, such as a browser's name, so that it can be written to a terminal. */
export function visible(text: string, { lines = false } = {}): string {
  return text.replace(lines ? controlButLines : control, asEscape)
}

/** Formats JSON in one line. Control characters are escaped in a form that JSON parsers understand. */
export function toJson(value: unknown): string {
  return visible(JSON.stringify(value))
}

const wide =
  /[\u{1100}-\u{115f}\u{2e80}-\u{303e}\u{3041}-\u{a4cf}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{fe30}-\u{fe6f}\u{ff00}-\u{ff60}\u{ffe0}-\u{ffe6}\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
const weightless = /[\p{M}\u{200b}-\u{200d}]/u

/** Returns how many columns of the terminal a text needs. */
export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let width = 0
  for (const character of text) width += weightless.test(character) ? 0 : wide.test(character) ? 2 : 1
  return width
}

function asEscape(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('')
}
