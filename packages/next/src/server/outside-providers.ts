import type { Identity, ProvidersResponse } from '@sallyport/protocol/endpoints'
import { headers } from 'next/headers.js'
import { browserDetailsOf } from '../request/browser-details.ts'
import { callAsUser } from '../session/call-as-user.ts'
import { unlinkOwnIdentity } from '../session/own-identities.ts'
import type { Runtime } from '../session/runtime.ts'
import type { ActionResult } from './action-result.ts'
import type { CallAsUser } from './call-as-user.ts'

/**
 * Methods for sign-in with outside providers such as Google. The sign-in itself is a form that is sent to `/api/auth/providers/<name>`
 * (docs/providers.md).
 */
export type OutsideProviders = {
  /** Returns the providers for the buttons of the sign-in page. If the auth server cannot be reached, the list is empty. */
  list(): Promise<ProvidersResponse['providers']>
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
    async list() {
      // This call is first, because it tells Next during the build that the page depends on the request.
      const requestHeaders = await headers()
      const { authServer, config } = runtime()
      const answer = await authServer.call('listProviders', {}, browserDetailsOf(requestHeaders, config))
      return answer.ok ? answer.providers : []
    },
    linked: () => asUser.ask((own) => callAsUser(own, 'listIdentities')),
    unlink: (id) => asUser.change((own) => unlinkOwnIdentity(own, id)),
  }
}
