import { describeSessions, endOwnSession, endOwnSessions } from '../../flows/session/sessions.ts'
import { FlowError } from '../../services/flow-error.ts'
import { privateJson } from '../answers.ts'
import { clearedCookies } from '../cookies.ts'
import type { Exchange } from '../exchange.ts'
import { requireAllowedOrigin } from '../origin-rule.ts'
import type { Route } from '../route.ts'
import { signedIn } from '../signed-in.ts'

/** `GET sessions`: where the caller is signed in. */
export const listSessionsRoute: Route = async (exchange, context) =>
  privateJson({
    sessions: await describeSessions(context, await signedIn(exchange, context), exchange.caller),
  })

/** `DELETE sessions` signs out everywhere; `?except=current` everywhere else. */
export const endSessionsRoute: Route = async (exchange, context) => {
  requireAllowedOrigin(exchange)
  const query = [...new URL(exchange.request.url).searchParams]
  const exceptCurrent = query.length === 1 && query[0]?.join('=') === 'except=current'
  // A misspelt wish to stay signed in must not sign anybody out.
  if (query.length > 0 && !exceptCurrent) {
    const errors = [{ field: 'except', message: 'The one query that is known here is except=current.' }]
    throw new FlowError('invalid_request', { details: { errors } })
  }
  const authenticated = await signedIn(exchange, context)
  const response = privateJson({
    ended: await endOwnSessions(context, authenticated, { exceptCurrent }, exchange.caller),
  })
  if (!exceptCurrent) clearCookies(exchange, response.headers)
  return response
}

/** `DELETE sessions/:id`: one of the caller's own. */
export const endSessionRoute: Route = async (exchange, context) => {
  requireAllowedOrigin(exchange)
  const authenticated = await signedIn(exchange, context)
  const id = exchange.parameters.id ?? ''
  await endOwnSession(context, authenticated, id, exchange.caller)
  const headers = new Headers({ 'cache-control': 'private, no-store' })
  if (id === authenticated.session.id) clearCookies(exchange, headers)
  return new Response(null, { status: 204, headers })
}

function clearCookies({ cookies, config }: Exchange, headers: Headers): void {
  if (cookies.carried) for (const cookie of clearedCookies(config)) headers.append('set-cookie', cookie)
}
