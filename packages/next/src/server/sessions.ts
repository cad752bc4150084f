import type { SessionDescription } from '@sallyport/protocol/endpoints'
import { callAsUser } from '../session/call-as-user.ts'
import { endOwnSession, endOwnSessions } from '../session/own-sessions.ts'
import type { ActionResult } from './action-result.ts'
import type { CallAsUser } from './call-as-user.ts'

/** Where the signed-in person is signed in, and how to end it there. */
export type Sessions = {
  /**
   * The live sessions, the one that asks first. For a page or an action; it changes nothing, so `Origin` is not asked for. The
   * auth server is asked each time. `address` and `userAgent` are what somebody's browser claimed: show them as text, cut short.
   *
   * @example
   * const listed = await sessions.list()
   * if (listed.ok) for (const { id, current, lastUsedAt } of listed.sessions) …
   */
  list(): Promise<ActionResult<{ sessions: SessionDescription[] }>>
  /**
   * Ends one session, in an action or route handler. Pages and APIs refuse it at once, wherever it is. Somebody else's session is
   * `not_found`, like one that never was; the own one is ended too, and its cookies are cleared.
   */
  end(id: string): Promise<ActionResult>
  /** Ends all sessions but the one that asks, which goes on with new tokens; how many that were. In an action or route handler. */
  endOthers(): Promise<ActionResult<{ ended: number }>>
}

export function createSessions(asUser: CallAsUser): Sessions {
  return {
    list: () => asUser.ask((own) => callAsUser(own, 'listSessions')),
    end: (id) => asUser.change((own) => endOwnSession(own, id)),
    endOthers: () => asUser.change((own) => endOwnSessions(own, { exceptCurrent: true })),
  }
}
