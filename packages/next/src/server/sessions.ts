import type { SessionDescription } from '@sallyport/protocol/endpoints'
import { callAsUser } from '../session/call-as-user.ts'
import { endOwnSession, endOwnSessions } from '../session/own-sessions.ts'
import type { ActionResult } from './action-result.ts'
import type { CallAsUser } from './call-as-user.ts'

/** Lists and ends the sessions of the signed-in user. */
export type Sessions = {
  /**
   * Returns the active sessions. The current session is the first of the list. Call it in a page or an action. It changes nothing, so
   * `Origin` is not checked. Each call sends a request to the auth server. `address` and `userAgent` come from the client and can be
   * forged. Show them as plain text, and shorten them.
   *
   * @example
   * const listed = await sessions.list()
   * if (listed.ok) for (const { id, current, lastUsedAt } of listed.sessions) …
   */
  list(): Promise<ActionResult<{ sessions: SessionDescription[] }>>
  /**
   * Ends one session. Call it in an action or route handler. All pages and APIs with a revocation feed refuse the session within
   * milliseconds. If the session is unknown or belongs to another user, the call is refused with `not_found`. If it is the current session,
   * its cookies are cleared.
   */
  end(id: string): Promise<ActionResult>
  /**
   * Ends all sessions except the current one, and returns how many were ended. The current session gets new tokens. Call it in an action or
   * route handler.
   */
  endOthers(): Promise<ActionResult<{ ended: number }>>
}

export function createSessions(asUser: CallAsUser): Sessions {
  return {
    list: () => asUser.ask((own) => callAsUser(own, 'listSessions')),
    end: (id) => asUser.change((own) => endOwnSession(own, id)),
    endOthers: () => asUser.change((own) => endOwnSessions(own, { exceptCurrent: true })),
  }
}
