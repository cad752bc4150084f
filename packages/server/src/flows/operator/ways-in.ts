import type { Context } from '../../services/context.ts'
import { listIdentities } from '../../store/identity.ts'
import { listPasskeys } from '../../store/passkey.ts'
import { findPasswordHash } from '../../store/user.ts'
import { factorsOf } from '../second-factor/stored-factors.ts'

/** What a user can sign in with, as an operator sees it. */
export type WaysIn = {
  password: boolean
  /** Whether the settings let every user sign in with a mailed code or link. */
  mail: boolean
  /** The providers that are linked, and that the settings define. */
  providers: string[]
  /** The providers that are linked, but that the settings do not define. Nobody can sign in with them. */
  unknownProviders: string[]
  /** How many passkeys the user has. 0 if the settings have no passkeys. */
  passkeys: number
  /** How many authenticator apps the user has set up. */
  secondFactors: number
}

/** Returns what a user can sign in with. A user who does not exist has nothing. */
export async function describeWaysIn(
  { database, config, providers }: Context,
  userId: string,
): Promise<WaysIn> {
  const linked = (await listIdentities(database, userId)).map(({ provider }) => provider)
  const names = [...new Set(linked)].sort()
  return {
    password: (await findPasswordHash(database, userId)) !== null,
    mail: config.mailedSignIn === 'on',
    providers: names.filter((name) => providers.has(name)),
    unknownProviders: names.filter((name) => !providers.has(name)),
    passkeys: config.passkeys ? (await listPasskeys(database, userId)).length : 0,
    secondFactors: (await factorsOf(database, userId)).length,
  }
}
