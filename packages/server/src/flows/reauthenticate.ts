import { freshProofMs } from '@sallyport/protocol'
import { setAuthenticatedAt } from '../store/session.ts'
import { findPasswordHash } from '../store/user.ts'
import type { Authenticated } from './authenticate.ts'
import type { Caller, Context } from './context.ts'
import { FlowError } from './flow-error.ts'
import { verifyPassword } from './password.ts'
import { record } from './trail.ts'

/** Asks for the password again, for what is sensitive ("sudo"): the session counts as freshly authenticated for ten minutes. */
export async function reauthenticate(
  context: Context,
  { user, session }: Authenticated,
  password: string,
  caller: Caller,
): Promise<void> {
  await requirePassword(context, user.id, password, caller)
  await context.database.transaction().execute(async (transaction) => {
    await setAuthenticatedAt(transaction, session.id, context.clock())
    await record(context, transaction, caller, {
      action: 'reauthentication',
      userId: user.id,
      sessionId: session.id,
    })
  })
}

/** @throws FlowError `reauthentication_required` when the last proof is older than ten minutes. */
export function requireFreshProof({ clock }: Pick<Context, 'clock'>, { session }: Authenticated): void {
  if (clock() - session.authenticatedAt > freshProofMs) throw new FlowError('reauthentication_required')
}

/** @throws FlowError `invalid_request` when it is not the user's password. */
export async function requirePassword(
  context: Context,
  userId: string,
  password: string,
  caller: Caller,
): Promise<void> {
  const hash = await findPasswordHash(context.database, userId)
  if (await verifyPassword(context, password, hash, caller.signal)) return
  const errors = [{ field: 'password', message: 'This is not your password.' }]
  throw new FlowError('invalid_request', { reason: 'wrong password', details: { errors } })
}
