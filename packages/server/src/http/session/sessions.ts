import type { endpoints } from '@sallyport/protocol/endpoints'
import { describeSessions, endOwnSession, endOwnSessions } from '../../flows/session/sessions.ts'
import { emptyAnswer, privateJson, withClearedCookies } from '../answers.ts'
import type { Handler } from '../handler.ts'

export const listSessionsHandler: Handler<typeof endpoints.listSessions> = async (
  { authenticated, source },
  context,
) => ({ sessions: await describeSessions(context, authenticated, source) })

export const endSessionsHandler: Handler<typeof endpoints.endSessions> = async (input, context) => {
  const { authenticated, query, source } = input
  const exceptCurrent = query.except === 'current'
  const answer = privateJson({
    ended: await endOwnSessions(context, authenticated, { exceptCurrent }, source),
  })
  return exceptCurrent ? answer : withClearedCookies(answer, input)
}

export const endSessionHandler: Handler<typeof endpoints.endSession> = async (input, context) => {
  const { authenticated, parameters, source } = input
  const { id = '' } = parameters
  await endOwnSession(context, authenticated, id, source)
  return id === authenticated.session.id ? withClearedCookies(emptyAnswer(), input) : emptyAnswer()
}
