import { problem } from '@sallyport/protocol'
import type { Passkey, SignUpRequest } from '@sallyport/protocol/endpoints'
import { callAsUser } from '../session/call-as-user.ts'
import { callOwnPasskey } from '../session/own-passkeys.ts'
import type { ActionResult } from './action-result.ts'
import type { CallAsUser } from './call-as-user.ts'
import type { OwnRequests } from './own-requests.ts'

/**
 * Sign-up with a passkey, and the passkeys of the signed-in user (docs/passkeys.md). A page in the browser creates and uses passkeys with
 * the functions of `@sallyport/next/passkeys`.
 */
export type Passkeys = {
  /**
   * Mails a link to create an account with a passkey. Returns `ok` for every address. If the address has an account already, its owner gets
   * a notice instead. `fields` are the user fields that your app has added. Call it in an action or route handler.
   *
   * The call is refused with `invalid_request`, `sign_up_refused` or `too_many_requests`, and with `not_found` if the auth server has no
   * passkeys or sends no mails.
   */
  requestSignUp(details: Pick<SignUpRequest, 'email' | 'name' | 'fields'>): Promise<ActionResult>
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

export function createPasskeys(asUser: CallAsUser, { ownRequest }: OwnRequests): Passkeys {
  return {
    async requestSignUp({ email, name, fields }) {
      const known = await ownRequest()
      if (known === null) return { ok: false, problem: problem('origin_refused') }
      const json = JSON.stringify({ email, name, fields })
      const answer = await known.authServer.call('requestPasskeySignUp', { json }, known.browser)
      return answer.ok ? { ok: true } : answer
    },
    async list() {
      const listed = await asUser.ask((own) => callAsUser(own, 'listPasskeys'))
      return listed.ok ? { ok: true, passkeys: listed.passkeys } : listed
    },
    rename: (id, name) =>
      asUser.change((own) => callOwnPasskey(own, 'renamePasskey', id, { json: JSON.stringify({ name }) })),
    remove: (id) => asUser.change((own) => callOwnPasskey(own, 'removePasskey', id)),
  }
}
