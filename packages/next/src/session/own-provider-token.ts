import type { ProviderToken } from '@sallyport/protocol/endpoints'
import { type Outcome, type OwnSession, retryRenewed } from './call-as-user.ts'

/** Returns the access token of the user at an outside provider. The browser routes do not have this endpoint, so no script can call it. */
export function readOwnProviderToken(own: OwnSession, provider: string): Promise<Outcome<ProviderToken>> {
  return retryRenewed(own, ({ runtime, session: { accessToken }, browser }) =>
    runtime.authServer.call(
      'readProviderToken',
      { json: JSON.stringify({ provider }), accessToken },
      browser,
    ),
  )
}
