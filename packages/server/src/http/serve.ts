import type { Access, Endpoint } from '@sallyport/protocol/endpoints'
import { z } from 'zod'
import type { Config } from '../config/config.ts'
import { type Authenticated, authenticate } from '../flows/session/authenticate.ts'
import type { Context } from '../services/context.ts'
import { emptyAnswer, privateJson } from './answers.ts'
import { requireFrontend } from './client-address.ts'
import type { Exchange } from './exchange.ts'
import { isForm, readForm } from './form-body.ts'
import type { Handler } from './handler.ts'
import { readJsonBody } from './json-body.ts'
import { requireAllowedOrigin } from './origin-rule.ts'
import { readQuery } from './query.ts'
import { requireMonitor, requireVerifier } from './service-credential.ts'
import { withUserFields } from './user-schemas.ts'

/** Handles one method of one path. To refuse a request, it throws. */
export type Route = (exchange: Exchange, context: Context) => Promise<Response>

/**
 * Returns the route of an endpoint. `row` is the row of the endpoint in the table `endpoints` of the protocol. The route checks what the
 * row requires, always in this order: origin, caller, query, body. Then it calls the handler. So no handler can forget a check.
 */
export function serve<Row extends Endpoint>(row: Row, handler: Handler<Row>, config: Config): Route {
  const readBody = bodyReader(row, config)
  const querySchema = row.query && z.strictObject(schemasOf(row.query))
  const [status = 200] = Object.keys(row.answers).map(Number)
  return async (exchange, context) => {
    if (row.method !== 'GET') requireAllowedOrigin(exchange)
    const authenticated = await requireAccess(row.access, exchange, context)
    const query = querySchema ? readQuery(exchange, querySchema) : {}
    const body = await readBody?.(exchange)
    const answer = await handler({ ...exchange, authenticated, query, body } as never, context)
    if (answer instanceof Response) return answer
    return answer === undefined ? emptyAnswer() : privateJson(answer, status)
  }
}

async function requireAccess(
  access: Access,
  exchange: Exchange,
  context: Context,
): Promise<Authenticated | null> {
  if (access === 'frontend') requireFrontend(exchange)
  if (access === 'user' || access === 'frontend') return signedIn(exchange, context)
  if (access === 'verifier') requireVerifier(exchange)
  if (access === 'monitor') requireMonitor(exchange)
  return null
}

/**
 * Returns the user and the session of the request's access token. The token is in the header `Authorization` or in a cookie.
 *
 * @throws AuthError, FlowError `token_missing`, `credential_conflict`, `token_…`, `session_ended`.
 */
export async function signedIn(exchange: Exchange, context: Context): Promise<Authenticated> {
  return authenticate(context, await context.verifier.authenticate(exchange.request))
}

function bodyReader(
  { request, mayBeEmpty = false, asForm = false }: Endpoint,
  config: Config,
): ((exchange: Exchange) => Promise<unknown>) | null {
  if (request === undefined) return null
  const schema = withUserFields(config)(request)
  return (exchange) =>
    asForm && isForm(exchange.request.headers)
      ? readForm(exchange, schema)
      : readJsonBody(exchange, schema, { mayBeEmpty })
}

function schemasOf(query: NonNullable<Endpoint['query']>): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(query).map(([name, { schema }]) => [name, schema]))
}
