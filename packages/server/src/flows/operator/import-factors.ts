import { nameSchema } from '@sallyport/protocol'
import { z } from 'zod'
import type { Context } from '../../services/context.ts'
import type { Database } from '../../store/database.ts'
import { addPasskeys, findPasskeyOwners, type Passkey } from '../../store/passkey.ts'
import { addRecoveryCodes, findRecoveryCodeOwners } from '../../store/recovery-code.ts'
import type { TotpRow } from '../../store/row-types.ts'
import { addTotps } from '../../store/totp.ts'
import type { Keyring } from '../../tokens/keyring.ts'
import { recoveryCodeCount } from '../../tokens/recovery-code.ts'
import { maxTotp } from '../second-factor/start-totp.ts'
import { knownTransports, maxPasskeys } from '../sign-in/passkey-limits.ts'
import { openExported } from './exported-secret.ts'

const time = z.number().int().min(0).max(Date.UTC(2100, 0))

/** An authenticator app. Times are in milliseconds. */
const importedTotpSchema = z.strictObject({
  name: nameSchema,
  /** The secret, encrypted with the key of the export. Null if the export has no key. */
  sealedSecret: z.string().max(1_024).nullable(),
  createdAt: time,
  lastUsedAt: time.nullable(),
  /** The time step of the last code that was accepted (RFC 6238). Codes of this step and of earlier steps are refused. */
  lastStep: z.number().int().min(-1).max(Number.MAX_SAFE_INTEGER),
})

const base64url = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[\w-]+$/, 'This is not base64url.')

/** A passkey. Times are in milliseconds. */
const importedPasskeySchema = z.strictObject({
  id: base64url(1_364),
  publicKey: base64url(4_096),
  counter: z.number().int().min(0).max(0xffff_ffff),
  transports: z.array(z.enum(knownTransports)).max(16),
  name: nameSchema,
  aaguid: z.string().regex(/^[\da-f-]{36}$/, 'This is not a UUID.'),
  backupEligible: z.boolean(),
  backedUp: z.boolean(),
  userVerified: z.boolean(),
  createdAt: time,
  lastUsedAt: time.nullable(),
  userHandle: base64url(86),
  /** The domain to which the passkey belongs (the RP ID). Null if the export comes from a server whose passkeys are off. */
  domain: z.string().max(253).nullable(),
})

/** The members of an imported user that are second factors or passkeys. */
export const importedFactors = {
  totp: z.array(importedTotpSchema).max(maxTotp).nullish(),
  /** The hashes of the recovery codes. */
  recoveryCodes: z
    .array(z.string().regex(/^[\w-]{43}$/, 'This is not the hash of a recovery code.'))
    .max(recoveryCodeCount)
    .nullish(),
  passkeys: z.array(importedPasskeySchema).max(maxPasskeys).nullish(),
}
const schema = z.object(importedFactors)

/** The factors of a user. The secrets of the apps are encrypted with the key of this server. */
export type CheckedFactors = {
  totp: Omit<TotpRow, 'userId'>[]
  recoveryCodes: string[]
  passkeys: Omit<Passkey, 'userId'>[]
}

/**
 * Returns the factors of an imported user. If one of them could not be used here, returns the reason, and the user must be refused. A user
 * is never imported without one of the factors, because the account would be less protected than before.
 */
export function checkFactors(
  context: Pick<Context, 'config' | 'keyring' | 'newId'>,
  email: string,
  { totp, recoveryCodes, passkeys }: z.output<typeof schema>,
  key: Keyring | null,
): CheckedFactors | string {
  const apps: CheckedFactors['totp'] = []
  for (const [at, one] of (totp ?? []).entries()) {
    const app = openTotp(context, email, one, key)
    if (typeof app === 'string') return `totp.${at}.sealedSecret: ${app}`
    apps.push(app)
  }
  const codes = recoveryCodes ?? []
  if (codes.length > 0 && apps.length === 0)
    return 'recoveryCodes: There are recovery codes, but no authenticator app.'
  if (new Set(codes).size < codes.length) return 'recoveryCodes: A recovery code occurs twice.'
  if (new Set(passkeys?.map(({ id }) => id)).size < (passkeys?.length ?? 0))
    return 'passkeys: A passkey occurs twice.'
  const { passkeyDomain } = context.config
  for (const [at, { domain }] of (passkeys ?? []).entries()) {
    if (!context.config.passkeys || passkeyDomain === undefined)
      return `passkeys.${at}: Passkeys are off on this server. See docs/passkeys.md.`
    if (domain !== passkeyDomain)
      return `passkeys.${at}.domain: The passkey belongs to ${domain ?? 'no domain'}. Passkeys of this server belong to ${passkeyDomain}. Set SALLYPORT_PASSKEY_DOMAIN.`
  }
  return {
    totp: apps,
    recoveryCodes: codes,
    passkeys: (passkeys ?? []).map(({ domain: _, ...passkey }) => passkey),
  }
}

function openTotp(
  { keyring, newId }: Pick<Context, 'keyring' | 'newId'>,
  email: string,
  { sealedSecret, ...app }: z.output<typeof importedTotpSchema>,
  key: Keyring | null,
): CheckedFactors['totp'][number] | string {
  if (sealedSecret === null)
    return 'The file does not have the secret of this authenticator app. Export the users again, with --factors-key.'
  if (key === null)
    return 'The secret of this authenticator app is encrypted. Import the users with the --factors-key of the export.'
  const secret = openExported(key, sealedSecret, email)
  if (secret === null)
    return 'The secret of this authenticator app cannot be decrypted: it was exported with another key or for another address, or it was changed.'
  const id = newId()
  return { ...app, id, sealedSecret: keyring.seal('totp', secret, id), confirmedAt: app.createdAt }
}

type WithFactors = { user: { id: string; email: string }; factors: CheckedFactors }

/** For each address whose user has a passkey or a recovery code of another stored user, returns the reason why it is refused. */
export async function findTakenFactors(
  database: Database,
  users: readonly WithFactors[],
): Promise<Map<string, string>> {
  const passkeyIds = users.flatMap(({ factors }) => factors.passkeys.map(({ id }) => id))
  const hashes = users.flatMap(({ factors }) => factors.recoveryCodes)
  const owners = new Map([
    ...(await findPasskeyOwners(database, passkeyIds)).map(({ id, email }) => [id, email] as const),
    ...(await findRecoveryCodeOwners(database, hashes)).map(({ hash, email }) => [hash, email] as const),
  ])
  const refusals = new Map<string, string>()
  for (const { user, factors } of users) {
    const isTaken = (key: string) => (owners.get(key) ?? user.email) !== user.email
    const passkey = factors.passkeys.findIndex(({ id }) => isTaken(id))
    const code = factors.recoveryCodes.findIndex(isTaken)
    if (passkey >= 0) refusals.set(user.email, `passkeys.${passkey}: This passkey belongs to another user.`)
    else if (code >= 0)
      refusals.set(user.email, `recoveryCodes.${code}: This recovery code belongs to another user.`)
  }
  return refusals
}

/** Adds the factors of new users. Returns false if a concurrent request has added one of them. Then nothing may be committed. */
export async function addFactors(
  { clock }: Pick<Context, 'clock'>,
  transaction: Database,
  users: readonly WithFactors[],
): Promise<boolean> {
  const createdAt = clock()
  const totp = users.flatMap(({ user, factors }) => factors.totp.map((one) => ({ ...one, userId: user.id })))
  const passkeys = users.flatMap(({ user, factors }) =>
    factors.passkeys.map((one) => ({ ...one, userId: user.id })),
  )
  const codes = users.flatMap(({ user, factors }) =>
    factors.recoveryCodes.map((hash) => ({ hash, userId: user.id, createdAt })),
  )
  await addTotps(transaction, totp)
  const isComplete =
    (await addPasskeys(transaction, passkeys)) === passkeys.length &&
    (await addRecoveryCodes(transaction, codes)) === codes.length
  return isComplete
}
