import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { consumeUserQuota } from '../../services/throttles.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { setAuthenticated } from '../../store/session.ts'
import { lockUser } from '../../store/user.ts'
import { confirmTotp } from '../second-factor/confirm-totp.ts'
import { type NewTotp, startTotp } from '../second-factor/start-totp.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { requireStrongProof, withMethods } from '../sign-in/reauthenticate.ts'
import { isSecondFactorRequired } from '../sign-in/second-factor-policy.ts'

/**
 * Begins to set up an authenticator app of a signed-in user.
 *
 * @throws FlowError `insufficient_user_authentication`, `second_factor_off`, `too_many_requests`; `invalid_request` when the user has too
 * many apps.
 */
export async function beginTotp(
  context: Context,
  authenticated: Authenticated,
  name: string | undefined,
  source: RequestSource,
): Promise<NewTotp> {
  const { user } = authenticated
  requireEnrolment(context, authenticated)
  await requireStrongProof(context, authenticated)
  await consumeUserQuota(context, 'factor_change', user.id, source)
  return startTotp(context, user, name)
}

/**
 * Sets up an authenticator app of a signed-in user with its first code. The session then counts as a session with two factors.
 *
 * @throws FlowError as {@link beginTotp}; `invalid_request` when the code is wrong or the app is not waiting for it.
 */
export async function addTotp(
  context: Context,
  authenticated: Authenticated,
  totp: { id: string; code: string; name?: string | undefined },
  source: RequestSource,
): Promise<{ recoveryCodes: string[] | null }> {
  const { user, session } = authenticated
  requireEnrolment(context, authenticated)
  await requireStrongProof(context, authenticated)
  await consumeUserQuota(context, 'factor_change', user.id, source)
  const confirmed = await inTransaction(context.database, async (transaction) => {
    await lockUser(transaction, user.id)
    const result = await confirmTotp(context, transaction, user.id, totp, source)
    if (result !== null)
      await setAuthenticated(transaction, session.id, {
        now: context.clock(),
        methods: withMethods(session, ['otp', 'mfa']),
      })
    return result
  })
  if (confirmed === null) {
    const message = 'This code is not right. Check the clock of your phone, or begin again.'
    throw new FlowError('invalid_request', {
      reason: 'wrong first code',
      details: { errors: [{ field: 'code', message }] },
    })
  }
  context.mailer.wake()
  return confirmed
}

function requireEnrolment(context: Pick<Context, 'config'>, { user }: Authenticated): void {
  if (context.config.secondFactor === 'off' && !isSecondFactorRequired(context, user))
    throw new FlowError('second_factor_off')
}
