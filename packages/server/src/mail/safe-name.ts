const maxCharacters = 40
const maxWords = 5

/** Text that a mail program may convert to a link, a mail address or a phone number. */
const linkLike = /[@/\\:。｡]|\.[^\s.]*[^\s.,]{2}|www|xn--|(?:\d\D{0,3}){4}/iu

/**
 * A word of a name: letters with their combining marks, and signs that occur inside names. A full stop is allowed only at the end of
 * initials and short titles.
 */
const nameWord = /^(?:(?:\p{L}\p{M}*){1,4}\.)+$|^\p{L}[\p{L}\p{M}'’ʼ·・-]*$/u

/**
 * Returns the part of a name that is safe in a mail. A name is user input and must not add a message to the mail. If the name contains
 * anything like a link, an address or a phone number, the result is empty. Otherwise the result has at most five words and 40 characters,
 * which are letters and signs that occur in names.
 */
export function safeName(name: unknown): string {
  if (typeof name !== 'string') return ''
  const plain = name.normalize('NFKC').replace(/\p{Cf}|\p{Cs}|\p{Co}|\p{Cn}/gu, '')
  const words = plain
    // Use only the text before the first sign that ends a sentence or begins a remark.
    .split(/[,;!?…()[\]{}<>|"“”„«»=]/u)[0]
    ?.split(/[\s\p{C}\p{Z}]+/u)
    .filter((word) => nameWord.test(word))
    // Many combining marks on one letter would cover the lines above and below.
    .map((word) => word.replace(/(\p{M}{3})\p{M}+/gu, '$1'))
  if (words === undefined || linkLike.test(plain)) return ''
  let safe = ''
  for (const word of words.slice(0, maxWords)) {
    const longer = safe === '' ? word : `${safe} ${word}`
    if ([...longer].length > maxCharacters) break
    safe = longer
  }
  return linkLike.test(safe) ? '' : safe
}
