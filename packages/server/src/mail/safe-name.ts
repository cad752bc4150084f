const maxCharacters = 40
const maxWords = 5

/** Text that a mail program may turn into a link, a mail address or a phone number. */
const linkLike = /[@/\\:。｡]|\.[^\s.]*[^\s.,]{2}|www|xn--|(?:\d\D{0,3}){4}/iu

/** Letters with their marks, and the signs that occur inside of names. A full stop may only end initials and short titles. */
const nameWord = /^(?:(?:\p{L}\p{M}*){1,4}\.)+$|^\p{L}[\p{L}\p{M}'’ʼ·・-]*$/u

/**
 * Returns the part of a name that is safe in a mail, because a name is user input and must not add a message to it. Empty for a name with
 * anything like a link, an address or a phone number; otherwise at most five words and 40 characters of letters and signs of names.
 */
export function safeName(name: unknown): string {
  if (typeof name !== 'string') return ''
  const plain = name.normalize('NFKC').replace(/\p{Cf}|\p{Cs}|\p{Co}|\p{Cn}/gu, '')
  const words = plain
    // The name ends at a sign that ends a sentence or begins a remark.
    .split(/[,;!?…()[\]{}<>|"“”„«»=]/u)[0]
    ?.split(/[\s\p{C}\p{Z}]+/u)
    .filter((word) => nameWord.test(word))
    // Many stacked marks would overlap the lines above and below.
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
