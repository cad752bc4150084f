import { paths, problemResponse } from '@sallyport/protocol'
import { boundedJsonText } from '../request/bounded-text.ts'
import {
  changeOwnPassword,
  endOwnSession,
  endOwnSessions,
  listOwnSessions,
  type Outcome,
  type OwnSession,
} from '../session/own-sessions.ts'
import { cookieHeaderAfter } from '../session/session-cookies.ts'
import { emptyResponse, jsonResponse, refusal, withCookies } from './answers.ts'
import { type Incoming, requireSession } from './incoming.ts'

/** `GET sessions`: where the caller is signed in. */
export function listSessions(incoming: Incoming): Promise<Response> {
  return inOwnName(incoming, listOwnSessions, ({ sessions }) => jsonResponse({ sessions }))
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
  return inOwnName(
    incoming,
    (own) => endOwnSessions(own, { exceptCurrent }),
    ({ ended }) => jsonResponse({ ended }),
  )
}

/** `DELETE sessions/:id`: one of the caller's own. */
export function endSession(incoming: Incoming): Promise<Response> {
  const id = new URL(incoming.request.url).pathname.slice(paths.sessions.length + 1)
  return inOwnName(incoming, (own) => endOwnSession(own, id), emptyResponse)
}

/** `POST password/change`: the caller stays signed in here, and nowhere else. */
export async function changePassword(incoming: Incoming): Promise<Response> {
  const body = await boundedJsonText(incoming.request)
  if ('refused' in body) return problemResponse(body.refused)
  return inOwnName(incoming, (own) => changeOwnPassword(own, body.text), emptyResponse)
}

async function inOwnName<T>(
  incoming: Incoming,
  what: (own: OwnSession) => Promise<Outcome<T>>,
  answered: (answer: T) => Response,
): Promise<Response> {
  const { runtime, caller } = incoming
  const session = await requireSession(incoming)
  if (session instanceof Response) return session
  const cookieHeader = cookieHeaderAfter(incoming.cookieHeader, session.changes)
  const { answer, changes } = await what({ runtime, session, cookieHeader, caller, mayRenew: () => true })
  return withCookies(
    answer.ok ? answered(answer) : refusal(answer),
    changes.length > 0 ? changes : session.changes,
    runtime,
  )
}
