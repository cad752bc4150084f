/** The query of a page, in the form in which Next passes it. */
export type Query = Record<string, string | string[] | undefined>

/** Returns one value of the query. If the name occurs more than once, returns the first value. */
export function queryValue(query: Query, name: string): string {
  const value = query[name]
  return (Array.isArray(value) ? value[0] : value) ?? ''
}

/** Returns the value if it is allowed, else null. So if a user edits the URL, a page is shown and not an error. */
export function choiceOf<Choice extends string>(
  query: Query,
  name: string,
  choices: readonly Choice[],
): Choice | null {
  const value = queryValue(query, name)
  return choices.find((choice) => choice === value) ?? null
}

/** Returns the search text. It is changed to one line, and shortened to the length that the API accepts. */
export function searchOf(query: Query): string {
  return queryValue(query, 'search').toWellFormed().replace(unprintable, ' ').trim().slice(0, 100)
}

const unprintable = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Returns the number of the page. The first page is 1. */
export function pageOf(query: Query): number {
  const value = queryValue(query, 'page')
  return /^[1-9]\d{0,4}$/.test(value) ? Number(value) : 1
}

/** Returns a path with a query. Empty values are left out. The order is that of `values`. */
export function addressOf(path: string, values: Record<string, string | number | null>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}
