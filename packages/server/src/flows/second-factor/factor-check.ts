import type { Context, RequestSource } from '../../services/context.ts'
import { type Attempt, beginCodeTry, beginRecoveryCodeTry } from '../../services/throttles.ts'
import { knowsDevice } from '../session/devices.ts'
import type { FactorProof } from './use-second-factor.ts'

/**
 * Counts a try of a second factor, before it is checked. After a right one, call `reset` in the transaction that uses it up.
 *
 * Codes are counted for each account, with the delays of passwords. A known browser of the account has its own count, so that somebody who
 * knows the password cannot lock the owner out of that browser. Recovery codes cannot be guessed, so they are not counted for the account,
 * and a user whose codes are refused can still use one.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function beginFactorCheck(
  context: Context,
  user: { id: string; email: string },
  proof: FactorProof,
  source: RequestSource,
): Promise<Attempt> {
  if ('recoveryCode' in proof) return beginRecoveryCodeTry(context, user.id, source)
  const isKnownDevice = await knowsDevice(context, user.id, source)
  return beginCodeTry(context, { user, isKnownDevice }, source)
}
