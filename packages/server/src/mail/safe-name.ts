const maxCharacters = 40
const maxWords = 5

/** What a mail program may make a link, a mail address or a phone number of. */
const linkLike = /[@/\\:。｡]|\.[^\s.]*[^\s.,]{2}|www|xn--|(?:\d\D{0,3}){4}/iu

/** Letters with their marks, joined by what stands inside of names; a full stop ends initials and short titles only. */
const nameWord = /^(?:(?:\p{L}\p{M}*){1,4}\.)+$|^\p{L}[\p{L}\p{M}'’ʼ·・-]*$/u

/**
 * What of a name may stand in a mail: somebody typed it, and it must not turn our mail into theirs. Empty for a name that holds anything
 * like a link, an address or a phone number; otherwise at most five words and 40 characters of letters, with what joins letters in names.
 */
export function safeName(name: unknown): string {
  if (typeof name !== 'string') return ''
  const plain = name.normalize('NFKC').replace(/\p{Cf}|\p{Cs}|\p{Co}|\p{Cn}/gu, '')
  const words = plain
    // What ends a sentence or opens a remark ends the name.
    .split(/[,;!?…()[\]{}<>|"“”„«»=]/u)[0]
    ?.split(/[\s\p{C}\p{Z}]+/u)
    .filter((word) => nameWord.test(word))
    // Stacked marks would reach into the lines above and below.
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
