import type { User } from '@sallyport/protocol'
import { beginSession } from './begin-session.ts'
import { goOn, type Outcome, type OwnSession, retryRenewed } from './call-as-user.ts'
import { cookieHeaderAfter } from './session-cookies.ts'

/** A visitor who opens a mailed link: signed in to that account, to another one, or not at all. */
export type Visitor = Omit<OwnSession, 'session'> & { session: OwnSession['session'] | null }

/**
 * Verifies an address by a mailed link. A user who is signed in to the account goes on with new tokens: that ends every other session, and
 * may bring permissions. Anybody else is signed in by it, with the password. `json` goes to the auth server as it is.
 */
export async function verifyAddress(visitor: Visitor, json: string): Promise<Outcome<{ user: User }>> {
  const { runtime, session } = visitor
  const begin = async (who: Visitor, accessToken: string | null) =>
    beginSession(runtime, 'verifyAddress', { json, accessToken }, who)
  if (session === null) return withUserOnly(await begin(visitor, null))
  let begun: Outcome<unknown>['changes'] = []
  const { answer, changes, asked } = await retryRenewed({ ...visitor, session }, async (own) => {
    const outcome = await begin(own, own.session.accessToken)
    begun = outcome.changes
    return outcome.answer
  })
  // A session that has ended is no reason to refuse the link: it is valid without one too.
  if (!answer.ok && answer.problem.status === 401) {
    const cookieHeader = cookieHeaderAfter(visitor.cookieHeader, changes)
    return withUserOnly(await begin({ ...visitor, cookieHeader }, null), changes)
  }
  if (answer.ok && answer.tokens === null)
    return { answer: { ok: true, user: answer.user }, changes: await goOn(asked, changes) }
  return withUserOnly({ answer, changes: begun }, changes)
}

/** Verifies a new address by a mailed link, as a user who is signed in to the account that requested it, or with its password. */
export async function confirmAddress(visitor: Visitor, json: string): Promise<Outcome> {
  const { runtime, session, browser } = visitor
  const call = (accessToken: string | null) =>
    runtime.authServer.call('confirmAddress', { json, accessToken }, browser)
  if (session === null) return { answer: await call(null), changes: [] }
  const { answer, changes } = await retryRenewed({ ...visitor, session }, (own) =>
    call(own.session.accessToken),
  )
  // As above: the answer then asks for the password.
  if (!answer.ok && answer.problem.status === 401) return { answer: await call(null), changes }
  return { answer, changes }
}

/** Without the tokens, which are in the cookies. `before`: changes that hold if there are no newer ones. */
function withUserOnly(
  { answer, changes }: Awaited<ReturnType<typeof beginSession<'verifyAddress'>>>,
  before: Outcome['changes'] = [],
): Outcome<{ user: User }> {
  return {
    answer: answer.ok ? { ok: true, user: answer.user } : answer,
    changes: changes.length > 0 ? changes : before,
  }
}
