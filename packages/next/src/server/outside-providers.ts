import type { Identity } from '@sallyport/protocol/endpoints'
import { callAsUser } from '../session/call-as-user.ts'
import { unlinkOwnIdentity } from '../session/own-identities.ts'
import type { Runtime } from '../session/runtime.ts'
import type { ActionResult } from './action-result.ts'
import type { CallAsUser } from './call-as-user.ts'
import { readWaysToSignIn, type WaysToSignIn } from './ways-to-sign-in.ts'

/**
 * Methods for sign-in with outside providers such as Google. The sign-in itself is a form that is sent to `/api/auth/providers/<name>`
 * (docs/providers.md).
 */
export type OutsideProviders = {
  /** Returns the providers for the buttons of the sign-in page. If the auth server cannot be reached, the list is empty. */
  list(): Promise<WaysToSignIn['providers']>
  /** Returns the accounts at providers with which the signed-in user can sign in. */
  linked(): Promise<ActionResult<{ identities: Identity[] }>>
  /**
   * Removes the link to an account at a provider. Call it only in an action or route handler.
   *
   * The call is refused with `insufficient_user_authentication`, `last_way_in` or `not_found`.
   */
  unlink(id: string): Promise<ActionResult>
}

export function createOutsideProviders(runtime: () => Runtime, asUser: CallAsUser): OutsideProviders {
  return {
    list: async () => (await readWaysToSignIn(runtime)).providers,
    linked: () => asUser.ask((own) => callAsUser(own, 'listIdentities')),
    unlink: (id) => asUser.change((own) => unlinkOwnIdentity(own, id)),
  }
}
