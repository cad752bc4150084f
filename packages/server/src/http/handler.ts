import type { AnswerOf, Endpoint, RequestOf } from '@sallyport/protocol/endpoints'
import type { z } from 'zod'
import type { Authenticated } from '../flows/session/authenticate.ts'
import type { Context } from '../services/context.ts'
import type { Exchange } from './exchange.ts'

/**
 * One request to an endpoint. Each endpoint has a row in the table `endpoints` of the protocol. The origin, the access, the query and the
 * body of the request have been checked as this row requires.
 */
export type Input<Row extends Endpoint> = Exchange & {
  /** The body after its schema has parsed it. */
  body: RequestOf<Row>
  /** The query parameters after their schemas have parsed them. */
  query: QueryOf<Row>
  /** The signed-in user and their session if the endpoint has `access: 'user'` or `'frontend'`, otherwise null. */
  authenticated: Row['access'] extends 'user' | 'frontend' ? Authenticated : null
}

type QueryOf<Row extends Endpoint> = Row extends {
  query: infer Query extends Record<string, { schema: z.ZodType }>
}
  ? { [Name in keyof Query]: z.output<Query[Name]['schema']> }
  : Record<never, never>

/**
 * Handles one endpoint. Returns the body, which is sent as JSON with the status of the endpoint. If the endpoint has several responses, or
 * if the response has cookies, returns a `Response`. To refuse a request, it throws.
 */
export type Handler<Row extends Endpoint> = (
  input: Input<Row>,
  context: Context,
) => Answered<AnswerOf<Row>> | Promise<Answered<AnswerOf<Row>>>

type Answered<Body> = Response | (Body extends undefined ? Nothing : Body)
// biome-ignore lint/suspicious/noConfusingVoidType: A handler without a response body may return what its flow returns.
type Nothing = undefined | void
