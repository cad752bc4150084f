import type { SecondFactor } from '@sallyport/protocol/endpoints'
import type { Context, RequestSource } from '../../services/context.ts'
import { hasPasskey } from '../../store/passkey.ts'
import { hasTotp } from '../../store/totp.ts'
import type { StoredUser } from '../../store/user.ts'
import { isTrustedDevice } from '../session/devices.ts'

/**
 * What a sign-in still needs. `second_factor_required`: the user must prove one of the `factors`. `second_factor_setup_required`: the
 * policy asks for a second factor, and the user must set up one of the `factors` first.
 */
export type Missing = {
  status: 'second_factor_required' | 'second_factor_setup_required'
  factors: SecondFactor[]
}

/**
 * Decides which factor a sign-in still needs, or returns null. The decision never depends on the way in, but only on what was proved. A
 * factor that the user has set up is asked for with every policy, also with `off`.
 */
export async function missingFactor(
  context: Context,
  user: Pick<StoredUser, 'id' | 'roles'>,
  methods: readonly string[],
  /** The caller, who may have a browser that the user trusts. Null if this was decided already. */
  source: RequestSource | null,
): Promise<Missing | null> {
  if (methods.includes('mfa')) return null
  const factors = await factorsAskedFor(context, user)
  if (factors.length > 0) {
    if (source !== null && (await isTrustedDevice(context, user.id, source))) return null
    return { status: 'second_factor_required', factors }
  }
  return isSecondFactorRequired(context, user)
    ? {
        status: 'second_factor_setup_required',
        factors: context.config.passkeys ? ['totp', 'passkey'] : ['totp'],
      }
    : null
}

/** Returns the second factors of which a user must prove one. The list is empty if one factor is enough, or if the user has no second one. */
export async function factorsAskedFor(
  context: Pick<Context, 'config' | 'database'>,
  user: Pick<StoredUser, 'id' | 'roles'>,
): Promise<SecondFactor[]> {
  const factors = await secondFactorsOf(context, user.id)
  // A passkey alone does not turn the second factor on: users add it for convenience, and may still sign in with the password.
  if (factors.length > 0 || isSecondFactorRequired(context, user))
    factors.push(...(await passkeyFactor(context, user.id)))
  return factors
}

/** Returns `passkey` if the user has a passkey, and passkeys are on. */
async function passkeyFactor(
  { config, database }: Pick<Context, 'config' | 'database'>,
  userId: string,
): Promise<SecondFactor[]> {
  return config.passkeys && (await hasPasskey(database, userId)) ? ['passkey'] : []
}

/** Returns whether the policy requires a second factor of a user with these roles. */
export function isSecondFactorRequired(
  { config }: Pick<Context, 'config'>,
  { roles }: Pick<StoredUser, 'roles'>,
): boolean {
  return config.secondFactor === 'required' || roles.some((role) => config.secondFactorRoles.includes(role))
}

/**
 * Returns the kinds of second factors that a user has set up, for which every sign-in without two factors asks. Recovery codes are no factor
 * of their own: they replace a lost one.
 */
export async function secondFactorsOf(
  { database }: Pick<Context, 'database'>,
  userId: string,
): Promise<SecondFactor[]> {
  return (await hasTotp(database, userId)) ? ['totp'] : []
}
