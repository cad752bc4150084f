/** Converts text for searches to lower case and removes accents, so that `jose` finds José. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

/** Returns one text that contains all values in the form of {@link fold}. A search looks in this text. */
export function searchKey(...texts: readonly string[]): string {
  return texts.map(fold).join(' ')
}

/** Returns a pattern for `LIKE … ESCAPE '\'` that finds `search` anywhere in a text. `%` and `_` in `search` are not wildcards. */
export function containing(search: string): string {
  return `%${fold(search).replace(/[\\%_]/g, '\\$&')}%`
}
