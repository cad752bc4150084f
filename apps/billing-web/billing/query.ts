/** The query of a page, as Next hands it over. */
export type Query = Record<string, string | string[] | undefined>

/** One value of the query; the first, where a name stands twice. */
export function queryValue(query: Query, name: string): string {
  const value = query[name]
  return (Array.isArray(value) ? value[0] : value) ?? ''
}

/** The value if it is one of those allowed, else null: an address that somebody has edited shows a page, not an error. */
export function choiceOf<Choice extends string>(
  query: Query,
  name: string,
  choices: readonly Choice[],
): Choice | null {
  const value = queryValue(query, name)
  return choices.find((choice) => choice === value) ?? null
}

/** Text to search for: one line, as long as the API takes it. */
export function searchOf(query: Query): string {
  return queryValue(query, 'search').toWellFormed().replace(unprintable, ' ').trim().slice(0, 100)
}

const unprintable = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** The page, from 1. */
export function pageOf(query: Query): number {
  const value = queryValue(query, 'page')
  return /^[1-9]\d{0,4}$/.test(value) ? Number(value) : 1
}

/** An address with a query of what is not empty; one filter has one address. */
export function addressOf(path: string, values: Record<string, string | number | null>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}
