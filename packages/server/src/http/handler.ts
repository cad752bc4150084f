import type { AnswerOf, Endpoint, RequestOf } from '@sallyport/protocol/endpoints'
import type { z } from 'zod'
import type { Authenticated } from '../flows/session/authenticate.ts'
import type { Context } from '../services/context.ts'
import type { Exchange } from './exchange.ts'

/** One request to an endpoint, after all checks of its row: origin, access, query and body. */
export type Input<Row extends Endpoint> = Exchange & {
  /** The body, as its schema returns it. */
  body: RequestOf<Row>
  /** The query parameters, as their schemas return them. */
  query: QueryOf<Row>
  /** The signed-in user and their session, for `access: 'user'`. */
  authenticated: Row['access'] extends 'user' ? Authenticated : null
}

type QueryOf<Row extends Endpoint> = Row extends {
  query: infer Query extends Record<string, { schema: z.ZodType }>
}
  ? { [Name in keyof Query]: z.output<Query[Name]['schema']> }
  : Record<never, never>

/**
 * Handles one endpoint. Returns the body, which is sent as JSON with the status of the row, or a whole response if a row has several
 * responses, or cookies. Refuses by throwing.
 */
export type Handler<Row extends Endpoint> = (
  input: Input<Row>,
  context: Context,
) => Answered<AnswerOf<Row>> | Promise<Answered<AnswerOf<Row>>>

type Answered<Body> = Response | (Body extends undefined ? Nothing : Body)
// biome-ignore lint/suspicious/noConfusingVoidType: A handler without a response body may return what its flow returns.
type Nothing = undefined | void
