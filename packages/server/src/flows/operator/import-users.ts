import { emailSchema, nameSchema, userFieldValueSchema, withoutInvisible } from '@sallyport/protocol'
import { z } from 'zod'
import { isSupportedHash } from '../../credentials/foreign-hash.ts'
import { foreignHashConfigOf } from '../../credentials/foreign-hash-config.ts'
import { byOperator } from '../../services/audit-log.ts'
import type { Context } from '../../services/context.ts'
import type { Database } from '../../store/database.ts'
import { addIdentities, type IdentityRow, listIdentitiesOf } from '../../store/identity.ts'
import { addUsers, listUsersWithHashes, type StoredUser, takenEmails } from '../../store/user.ts'
import type { Keyring } from '../../tokens/keyring.ts'
import { factorsForExport } from './export-factors.ts'
import { exportKeyring } from './exported-secret.ts'
import {
  addFactors,
  type CheckedFactors,
  checkFactors,
  findTakenFactors,
  importedFactors,
} from './import-factors.ts'
import {
  type CheckedIdentity,
  checkIdentities,
  findTakenIdentities,
  importedIdentitySchema,
} from './import-identities.ts'
import { withoutShared } from './shared-rows.ts'
import { setFields } from './user-fields.ts'
import { faultOfRoles } from './users.ts'

/** A user from another system or from an export. Times are in milliseconds. */
const importedUserSchema = z.strictObject({
  email: emailSchema,
  /** The default is the part of the email address before the @. Invisible direction marks, which spreadsheets add, are removed. */
  name: z
    .string()
    .transform((name) => withoutInvisible(name).trim() || null)
    .pipe(nameSchema.nullable())
    .nullish(),
  roles: z.array(z.string()).nullish(),
  emailVerified: z.boolean().nullish(),
  createdAt: z.number().int().min(0).max(Date.UTC(2100, 0)).nullish(),
  disabled: z.boolean().nullish(),
  /** A password hash in one of the formats of docs/passwords.md. If there is no hash, the user sets a password with a mailed link. */
  passwordHash: z
    .string()
    .max(1_024)
    // PostgreSQL can store neither a NUL nor an unpaired surrogate. One such row would make the whole import fail.
    .refine(
      (hash) => hash.isWellFormed() && !hash.includes('\0'),
      'This contains a NUL or an unpaired surrogate.',
    )
    .nullish(),
  /** The values of the user fields that the app has declared. They are checked against the declaration. */
  fields: z.record(z.string(), userFieldValueSchema.nullable()).nullish(),
  /** The accounts at outside providers with which the user can sign in. */
  identities: z.array(importedIdentitySchema).max(20).nullish(),
  ...importedFactors,
})
export type ImportedUser = z.input<typeof importedUserSchema>

/** The result for one row. If the row was refused, `reason` is the cause. */
export type ImportResult = { state: 'added' | 'present' | 'refused'; reason?: string }

type Checked = {
  user: StoredUser
  passwordHash: string | null
  identities: CheckedIdentity[]
  factors: CheckedFactors
}

/** Options of an import. */
export type ImportOptions = {
  /** Whether nothing is added. Default: false. */
  dryRun?: boolean | undefined
  /** The key with which the export has encrypted the secrets of authenticator apps. Without it, users who have an app are refused. */
  factorsKey?: string | undefined
}

/** The addresses that an import adds, and for each address that is refused, the reason. */
type Outcome = { added: readonly string[]; refusals: ReadonlyMap<string, string> }

/**
 * Adds users with their existing password hashes, their identities, second factors and passkeys. Users whose address exists already are not
 * changed, so an import can be repeated.
 *
 * @throws FlowError `invalid_request` when the key for the factors could be guessed.
 */
export async function importUsers(
  context: Context,
  rows: readonly unknown[],
  { dryRun = false, factorsKey }: ImportOptions = {},
): Promise<ImportResult[]> {
  const key = factorsKey === undefined ? null : exportKeyring(factorsKey)
  const checked = withoutShared(withoutRepeats(rows.map((row) => check(context, row, key))))
  const users = checked.filter((row): row is Checked => typeof row !== 'string')
  const { added, refusals } = dryRun ? await foresee(context, users) : await add(context, users)
  const isAdded = new Set(added)
  return checked.map((row): ImportResult => {
    const reason = typeof row === 'string' ? row : refusals.get(row.user.email)
    if (typeof row === 'string' || reason !== undefined) return { state: 'refused', reason: reason ?? '' }
    return { state: isAdded.has(row.user.email) ? 'added' : 'present' }
  })
}

/** If several rows have the same address, accepts the first and refuses the others. */
function withoutRepeats(checked: readonly (Checked | string)[]): (Checked | string)[] {
  const rowOf = new Map<string, number>()
  return checked.map((row, index) => {
    if (typeof row === 'string') return row
    const earlier = rowOf.get(row.user.email)
    if (earlier !== undefined) return `email: Row ${earlier + 1} has the same address.`
    rowOf.set(row.user.email, index)
    return row
  })
}

async function foresee({ database }: Context, users: readonly Checked[]): Promise<Outcome> {
  const refusals = await findTaken(database, users)
  const emails = users.map(({ user }) => user.email)
  const taken = new Set(await takenEmails(database, emails))
  return { added: emails.filter((email) => !taken.has(email) && !refusals.has(email)), refusals }
}

/** For each address whose user has something that belongs to another stored user, returns the reason why it is refused. */
async function findTaken(database: Database, users: readonly Checked[]): Promise<Map<string, string>> {
  return new Map([
    ...(await findTakenFactors(database, users)),
    ...(await findTakenIdentities(database, users)),
  ])
}

async function add(context: Context, users: readonly Checked[]): Promise<Outcome> {
  for (let tries = 1; ; tries += 1)
    try {
      return await context.database.transaction().execute((transaction) => addIn(context, transaction, users))
    } catch (error) {
      // A concurrent request has added one of the identities or factors. The next try finds its user, and refuses the row.
      if (!(error instanceof Taken) || tries === 10) throw error
    }
}

class Taken extends Error {}

/** @throws Taken if a concurrent request has added one of the identities or factors. Then nothing may be committed. */
async function addIn(context: Context, transaction: Database, users: readonly Checked[]): Promise<Outcome> {
  const refusals = await findTaken(transaction, users)
  const accepted = users.filter(({ user }) => !refusals.has(user.email))
  const added = await addUsers(transaction, accepted)
  const emails = new Set(added)
  const rows = accepted.filter(({ user }) => emails.has(user.email))
  const identities = rows.flatMap((row) => identityRowsOf(context, row))
  if ((await addIdentities(transaction, identities)) !== identities.length) throw new Taken()
  if (!(await addFactors(context, transaction, rows))) throw new Taken()
  const factors = rows.reduce((sum, row) => sum + row.factors.totp.length, 0)
  const passkeys = rows.reduce((sum, row) => sum + row.factors.passkeys.length, 0)
  if (added.length > 0)
    await byOperator(context, transaction, 'users_imported', null, {
      count: added.length,
      ...(identities.length > 0 && { identities: identities.length }),
      ...(factors > 0 && { secondFactors: factors }),
      ...(passkeys > 0 && { passkeys }),
    })
  return { added, refusals }
}

function identityRowsOf({ newId, clock }: Context, { user, identities }: Checked): IdentityRow[] {
  const times = { createdAt: clock(), lastUsedAt: clock() }
  return identities.map((identity) => ({
    ...identity,
    id: newId(),
    userId: user.id,
    ...times,
  }))
}

/** Returns the user that a row describes. If the row is refused, returns the reason. */
function check(context: Context, row: unknown, key: Keyring | null): Checked | string {
  const { config, newId, clock, providers } = context
  const { data, error } = importedUserSchema.safeParse(row)
  if (data === undefined)
    return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join(' ')
  const passwordHash = data.passwordHash || null
  if (passwordHash !== null && !isSupportedHash(passwordHash, foreignHashConfigOf(config)))
    return 'passwordHash: This is not a hash that a sign-in could check. See docs/passwords.md.'
  const roles = [...new Set(data.roles ?? config.defaultRoles)]
  const fault = faultOfRoles({ config }, roles)
  if (fault !== null) return `roles: ${fault}`
  const fields = config.userFields.byOperator.safeParse(data.fields ?? {})
  if (fields.error)
    return fields.error.issues
      .map(({ path, message }) => `${['fields', ...path].join('.')}: ${message}`)
      .join(' ')
  const identities = checkIdentities({ providers }, data.identities ?? [])
  if (typeof identities === 'string') return identities
  const factors = checkFactors(context, data.email, data, key)
  if (typeof factors === 'string') return factors
  const now = clock()
  const user: StoredUser = {
    id: newId(),
    email: data.email,
    name: data.name ?? data.email.split('@')[0] ?? '',
    roles,
    version: 0,
    createdAt: data.createdAt ?? now,
    updatedAt: now,
    signedInAt: null,
    disabledAt: data.disabled ? now : null,
    emailVerifiedAt: data.emailVerified ? now : null,
    deleteAt: null,
    fields: setFields(fields.data),
  }
  return { user, passwordHash, identities, factors }
}

/** Options of an export. */
export type ExportOptions = {
  /** A key with which the secrets of authenticator apps are encrypted. Default: none, and the export does not have the secrets. */
  factorsKey?: string | undefined
}

/**
 * Yields all users in the format of an import.
 *
 * @throws FlowError `invalid_request` when the key for the factors could be guessed.
 */
export async function* exportUsers(
  context: Context,
  { factorsKey }: ExportOptions = {},
): AsyncGenerator<ImportedUser & { id: string }> {
  const { database } = context
  const key = factorsKey === undefined ? null : exportKeyring(factorsKey)
  await byOperator(context, database, 'users_exported', null)
  for (let after: string | null = null; ; ) {
    const page = await listUsersWithHashes(database, { after, limit: 500 })
    const ids = page.map(({ id }) => id)
    const identities = Map.groupBy(await listIdentitiesOf(database, ids), ({ userId }) => userId)
    const factorsOf = await factorsForExport(context, ids, key)
    for (const {
      id,
      email,
      name,
      roles,
      emailVerifiedAt,
      createdAt,
      disabledAt,
      passwordHash,
      fields,
    } of page)
      yield {
        id,
        email,
        name,
        roles,
        emailVerified: emailVerifiedAt !== null,
        createdAt,
        disabled: disabledAt !== null,
        passwordHash,
        identities: (identities.get(id) ?? []).map(({ provider, subject, issuer, email: address }) => {
          return { provider, subject, issuer, ...(address !== null && { email: address }) }
        }),
        ...factorsOf({ id, email }),
        ...(!context.config.userFields.isEmpty && { fields: context.config.userFields.known(fields) }),
      }
    after = page.at(-1)?.id ?? null
    if (page.length < 500) return
  }
}
