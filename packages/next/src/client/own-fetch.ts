import type { Principal } from '@sallyport/protocol'
import { browserPath } from '../paths/served-paths.ts'
import type { ClientSession } from './session-context.ts'
import type { SessionAnswer } from './session-requests.ts'

/** The state of the page that sends a request. */
export type Sender = {
  /** Returns who is signed in, according to the page: null if nobody is, undefined if it is not known yet. */
  shown(): Principal | null | undefined
  renew(): Promise<SessionAnswer>
  onForbidden(): void
}

/**
 * Sends a request. After a 401, it renews the session and sends the request once more, but only if the session still belongs to the user
 * whom the page showed. If another user has signed in in another tab meanwhile, the first user's request must not be sent with the other
 * user's session.
 */
export async function fetchOwn(
  { shown, renew, onForbidden }: Sender,
  ...[address, init]: Parameters<ClientSession['fetch']>
): Promise<Response> {
  const send = () =>
    address.startsWith('/api/')
      ? fetch(browserPath(address), { credentials: 'same-origin', ...init })
      : fetch(address, { credentials: address[0] === '/' ? 'same-origin' : 'include', ...init })
  const before = shown()
  const response = await send()
  // The user's roles may have changed. Then the page must be rendered again.
  if (response.status === 403) onForbidden()
  if (response.status !== 401) return response
  const sender = before ?? shown()
  const answer = await renew()
  if (answer.kind === 'unknown' || answer.principal === null) return response
  const isAnother = sender != null && sender.userId !== answer.principal.userId
  return isAnother ? response : send()
}
