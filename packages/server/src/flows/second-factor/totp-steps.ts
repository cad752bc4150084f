import type { Context } from '../../services/context.ts'
import type { TotpRow } from '../../store/row-types.ts'
import { totpStepsOf } from '../../tokens/totp.ts'

/**
 * Returns the time steps for which this is the code of an authenticator app. If the secret of the app was encrypted under a secret that
 * this server does not have, no code is right. The user's other factors still work.
 */
export function stepsOf(
  { keyring, clock }: Pick<Context, 'keyring' | 'clock'>,
  { id, sealedSecret }: Pick<TotpRow, 'id' | 'sealedSecret'>,
  code: string,
): number[] {
  const secret = keyring.open('totp', sealedSecret, id)
  return secret === null ? [] : totpStepsOf(secret, code, clock())
}
