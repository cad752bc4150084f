import type { Principal } from '@sallyport/protocol'
import { browserPath } from '../paths/served-paths.ts'
import type { ClientSession } from './session-context.ts'
import type { SessionAnswer } from './session-requests.ts'

/** The page that sends a request. */
export type Sender = {
  /** Who is signed in as far as the page knows: null for nobody, undefined before it knows. */
  shown(): Principal | null | undefined
  renew(): Promise<SessionAnswer>
  onForbidden(): void
}

/**
 * Sends a request, and after a 401 renews the session and sends it once more: only for whoever the page showed when it was called. In
 * another tab somebody else may have signed in meanwhile, and what one person has written must not be done in the name of another.
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
  // The API may know of a change of roles that this page has not heard of.
  if (response.status === 403) onForbidden()
  if (response.status !== 401) return response
  const sender = before ?? shown()
  const answer = await renew()
  if (answer.kind === 'unknown' || answer.principal === null) return response
  const isAnother = sender != null && sender.userId !== answer.principal.userId
  return isAnother ? response : send()
}
