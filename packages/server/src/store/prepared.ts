import type { Compilable, CompiledQuery, QueryResult } from 'kysely'
import { type Database, isPostgres } from './database.ts'

/** A placeholder for a value in a statement. */
class Place {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** A function that returns the placeholder for the value with this name. */
export type PlaceOf<Values> = <Name extends keyof Values & string>(name: Name) => Values[Name]

/**
 * Returns a function that runs a statement with different values. The statement is built and compiled only once for each kind of database,
 * because building costs more than running. `build` must make the same text for all values. A null is passed like any other value, so the
 * statement cannot use `is null` for it.
 */
export function prepared<Values extends Record<string, unknown>, Row>(
  build: (database: Database, place: PlaceOf<Values>) => Compilable<Row>,
): (database: Database, values: Values) => Promise<QueryResult<Row>> {
  const compiled = new Map<boolean, CompiledQuery<Row>>()
  const place: PlaceOf<Values> = (name) => new Place(name) as unknown as Values[typeof name]
  return (database, values) => {
    const kind = isPostgres(database)
    let statement = compiled.get(kind)
    if (statement === undefined) {
      statement = build(database, place).compile()
      compiled.set(kind, statement)
    }
    const parameters = statement.parameters.map((parameter) =>
      parameter instanceof Place ? values[parameter.name] : parameter,
    )
    return database.executeQuery<Row>({ ...statement, parameters })
  }
}

/** Works like {@link prepared}, for a statement with a list of texts. The statement is built once for each length of the list. */
export function preparedFor<Values extends Record<string, unknown>, Row>(
  build: (database: Database, place: PlaceOf<Values>, list: readonly string[]) => Compilable<Row>,
): (database: Database, values: Values, list: readonly string[]) => Promise<QueryResult<Row>> {
  const statements = new Map<number, ReturnType<typeof prepared<Values, Row>>>()
  const nameAt = (index: number) => `list ${index}`
  return (database, values, list) => {
    let statement = statements.get(list.length)
    if (statement === undefined) {
      const places = list.map((_, index) => new Place(nameAt(index)) as unknown as string)
      statement = prepared<Values, Row>((kind, place) => build(kind, place, places))
      statements.set(list.length, statement)
    }
    const listed = Object.fromEntries(list.map((text, index) => [nameAt(index), text]))
    return statement(database, { ...values, ...listed })
  }
}
