import type { User } from '@sallyport/protocol'
import type { Begun, Pending } from './auth-server-answer.ts'
import { beginSession } from './begin-session.ts'
import { goOn, type Outcome, type OwnSession, retryRenewed } from './call-as-user.ts'
import { cookieHeaderAfter } from './session-cookies.ts'

/** The user of the verified address. Null if a second factor is missing, so that nobody is signed in yet. */
export type Verification = { user: User } | Pick<Pending, 'user' | 'pending'>

/** A visitor who has opened a mailed link. The visitor is signed in to that account, signed in to another account, or not signed in. */
export type Visitor = Omit<OwnSession, 'session'> & { session: OwnSession['session'] | null }

/**
 * Verifies an address with the token of a mailed link. If the visitor is signed in to that account, the visitor gets new tokens, because
 * all other sessions have ended and permissions may have changed. Every other visitor needs the password, and is then signed in. `json` is
 * sent to the auth server unchanged.
 */
export async function verifyAddress(visitor: Visitor, json: string): Promise<Outcome<Verification>> {
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
  // The link also works without a session. So if the session has ended, the call is repeated without it.
  if (!answer.ok && answer.problem.status === 401) {
    const cookieHeader = cookieHeaderAfter(visitor.cookieHeader, changes)
    return withUserOnly(await begin({ ...visitor, cookieHeader }, null), changes)
  }
  if (answer.ok && answer.tokens === null && answer.user !== null)
    return { answer: { ok: true, user: answer.user }, changes: await goOn(asked, changes) }
  return withUserOnly({ answer, changes: begun }, changes)
}

/**
 * Verifies a new address with the token of a mailed link. If the visitor is not signed in to the account that requested the change, the
 * password of that account is required.
 */
export async function confirmAddress(visitor: Visitor, json: string): Promise<Outcome> {
  const { runtime, session, browser } = visitor
  const call = (accessToken: string | null) =>
    runtime.authServer.call('confirmAddress', { json, accessToken }, browser)
  if (session === null) return { answer: await call(null), changes: [] }
  const { answer, changes } = await retryRenewed({ ...visitor, session }, (own) =>
    call(own.session.accessToken),
  )
  // If the session has ended, the call is repeated without it. Then the password is required.
  if (!answer.ok && answer.problem.status === 401) return { answer: await call(null), changes }
  return { answer, changes }
}

/**
 * Returns the answer without the tokens, because they are in the cookies. If the answer changes no cookies, the changes in `before` are
 * used.
 */
function withUserOnly(
  { answer, changes }: Awaited<ReturnType<typeof beginSession<'verifyAddress'>>>,
  before: Outcome['changes'] = [],
): Outcome<Verification> {
  return {
    answer: answer.ok ? withoutSecrets(answer) : answer,
    changes: changes.length > 0 ? changes : before,
  }
}

function withoutSecrets(answer: Begun<'verifyAddress'>): { ok: true } & Verification {
  if (answer.user !== null) return { ok: true, user: answer.user }
  return { ok: true, user: null, pending: answer.pending }
}
