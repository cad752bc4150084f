import type { Passkey } from '@sallyport/protocol/endpoints'
import { callAsUser } from '../session/call-as-user.ts'
import { callOwnPasskey } from '../session/own-passkeys.ts'
import type { ActionResult } from './action-result.ts'
import type { CallAsUser } from './call-as-user.ts'

/**
 * The passkeys of the signed-in user (docs/passkeys.md). A page in the browser adds and uses passkeys with the functions of
 * `@sallyport/next/passkeys`.
 */
export type Passkeys = {
  /**
   * Returns the passkeys, the oldest first. It changes nothing, so `Origin` is not checked. If the auth server has no passkeys, the call is
   * refused with `not_found`.
   */
  list(): Promise<ActionResult<{ passkeys: Passkey[] }>>
  /** Renames a passkey. Call it in an action or route handler. */
  rename(id: string, name: string): Promise<ActionResult>
  /**
   * Removes a passkey. Call it in an action or route handler. It is refused with `insufficient_user_authentication` if the user
   * authenticated more than ten minutes ago, and with `last_way_in` if the user could not sign in any more.
   */
  remove(id: string): Promise<ActionResult>
}

export function createPasskeys(asUser: CallAsUser): Passkeys {
  return {
    async list() {
      const listed = await asUser.ask((own) => callAsUser(own, 'listPasskeys'))
      return listed.ok ? { ok: true, passkeys: listed.passkeys } : listed
    },
    rename: (id, name) =>
      asUser.change((own) => callOwnPasskey(own, 'renamePasskey', id, { json: JSON.stringify({ name }) })),
    remove: (id) => asUser.change((own) => callOwnPasskey(own, 'removePasskey', id)),
  }
}
