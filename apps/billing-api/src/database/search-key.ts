/** Folds text for searching: lower case, without accents, so that `jose` finds José. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

/** The folded text that a search looks through. */
export function searchKey(...texts: readonly string[]): string {
  return texts.map(fold).join(' ')
}

/** A pattern for `LIKE … ESCAPE '\'` that finds `search` itself anywhere: its `%` and `_` are no wildcards. */
export function containing(search: string): string {
  return `%${fold(search).replace(/[\\%_]/g, '\\$&')}%`
}
