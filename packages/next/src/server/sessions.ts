import type { SessionDescription } from '@sallyport/protocol/endpoints'
import { callAsUser } from '../session/call-as-user.ts'
import { endOwnSession, endOwnSessions } from '../session/own-sessions.ts'
import type { ActionResult } from './action-result.ts'
import type { CallAsUser } from './call-as-user.ts'

/** Lists and ends the sessions of the signed-in user. */
export type Sessions = {
  /**
   * Returns the active sessions, the current one first. For a page or an action; it changes nothing, so `Origin` is not checked. It
   * calls the auth server each time. `address` and `userAgent` come from the client and can be forged: show them as text, shortened.
   *
   * @example
   * const listed = await sessions.list()
   * if (listed.ok) for (const { id, current, lastUsedAt } of listed.sessions) …
   */
  list(): Promise<ActionResult<{ sessions: SessionDescription[] }>>
  /**
   * Ends one session, in an action or route handler. All pages and APIs refuse it at once. Another user's session is
   * `not_found`, like an unknown one. It can also end the current session, whose cookies are then cleared.
   */
  end(id: string): Promise<ActionResult>
  /** Ends all sessions except the current one, which gets new tokens, and returns how many. In an action or route handler. */
  endOthers(): Promise<ActionResult<{ ended: number }>>
}

export function createSessions(asUser: CallAsUser): Sessions {
  return {
    list: () => asUser.ask((own) => callAsUser(own, 'listSessions')),
    end: (id) => asUser.change((own) => endOwnSession(own, id)),
    endOthers: () => asUser.change((own) => endOwnSessions(own, { exceptCurrent: true })),
  }
}
