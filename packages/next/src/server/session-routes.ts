import { paths, problemResponse } from '@sallyport/protocol'
import { changeOwnPassword, endOwnSession, endOwnSessions, listOwnSessions } from '../session/own-sessions.ts'
import { emptyResponse, jsonResponse } from './answers.ts'
import { callAsUser, type Incoming, withBody } from './incoming.ts'

/** `GET sessions`: where the caller is signed in. */
export function listSessions(incoming: Incoming): Promise<Response> {
  return callAsUser(incoming, listOwnSessions, ({ sessions }) => jsonResponse({ sessions }))
}

/** `DELETE sessions` signs out everywhere; `?except=current` everywhere else. */
export async function endSessions(incoming: Incoming): Promise<Response> {
  const { search } = new URL(incoming.request.url)
  const exceptCurrent = search === '?except=current'
  // A misspelt wish to stay signed in must not sign anybody out.
  if (search !== '' && !exceptCurrent) {
    const errors = [{ field: 'except', message: 'The one query that is known here is except=current.' }]
    return problemResponse('invalid_request', { errors })
  }
  return callAsUser(
    incoming,
    (own) => endOwnSessions(own, { exceptCurrent }),
    ({ ended }) => jsonResponse({ ended }),
  )
}

/** `DELETE sessions/:id`: one of the caller's own. */
export function endSession(incoming: Incoming): Promise<Response> {
  const id = new URL(incoming.request.url).pathname.slice(paths.sessions.length + 1).replace(/\/$/, '')
  return callAsUser(incoming, (own) => endOwnSession(own, id), emptyResponse)
}

/** `POST password/change`: the caller stays signed in here, and nowhere else. */
export function changePassword(incoming: Incoming): Promise<Response> {
  return withBody(incoming, (json) =>
    callAsUser(incoming, (own) => changeOwnPassword(own, json), emptyResponse),
  )
}
