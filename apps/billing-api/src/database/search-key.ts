/** Folds text for searches: lower case, without accents, so that `jose` finds José. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

/** Returns the folded text of the values, in which a search looks. */
export function searchKey(...texts: readonly string[]): string {
  return texts.map(fold).join(' ')
}

/** Returns a pattern for `LIKE … ESCAPE '\'` that matches `search` anywhere; its `%` and `_` are not wildcards. */
export function containing(search: string): string {
  return `%${fold(search).replace(/[\\%_]/g, '\\$&')}%`
}
