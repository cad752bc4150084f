import { callAsUser, type Outcome } from './call-as-user.ts'
import type { Visitor } from './verify-address.ts'

/**
 * Puts a new address in place by a mailed link, for whoever is signed in to the account that asked or gives its password. `json` goes to
 * the auth server as it is.
 */
export async function confirmAddress(visitor: Visitor, json: string): Promise<Outcome> {
  const { runtime, session, caller } = visitor
  const asNobody = () => runtime.issuer.confirmAddress(json, null, caller)
  if (session === null) return { answer: await asNobody(), changes: [] }
  const { answer, changes } = await callAsUser({ ...visitor, session }, ({ issuer }, accessToken) =>
    issuer.confirmAddress(json, accessToken, caller),
  )
  // A session that has just ended is no reason to call the link dead: the answer then asks for the password.
  if (!answer.ok && answer.problem.status === 401) return { answer: await asNobody(), changes }
  return { answer, changes }
}
