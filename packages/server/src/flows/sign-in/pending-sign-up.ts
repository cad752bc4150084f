import type { User } from '@sallyport/protocol'
import type { UserFieldValues } from '../../config/user-fields.ts'
import { askedBy } from '../../services/asked-by.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import { makeLink, readLink, spendLink, validMinutes } from '../../services/one-time-link.ts'
import { toUser } from '../../services/to-user.ts'
import type { Database } from '../../store/database.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { addUser, findUserByEmail, type StoredUser } from '../../store/user.ts'
import { noteSignUp, tellOfSignUp } from './after-sign-up.ts'
import { beginSessionIfPossible, byPassword, type SignInResult } from './gate.ts'
import { hashNewPassword, requireAcceptablePassword, requireCapacity, verifyPassword } from './password.ts'

/** The data of a sign-up that waits until its address is verified. `fields` is missing if an older version stored the sign-up. */
type PendingSignUp = { name: string; roles: string[]; fields?: UserFieldValues } & (
  | { passwordHash: string; userId?: undefined }
  /** A sign-up with a passkey. The passkey is created for the id that the user will have. */
  | { passwordHash: null; userId: string }
)
/** A sign-up with a passkey that waits until the passkey is created. */
type PendingPasskeySignUp = Extract<PendingSignUp, { passwordHash: null }> & { email: string }

/**
 * Mails a link to verify the address. The account is created only when the link is used, so nobody can create an account with somebody
 * else's address. If the address has an account already, the same work is done, and the owner of the account gets a notice.
 */
export async function askToSignUp(
  context: Context,
  { email, ...signUp }: PendingSignUp & { email: string },
  source: RequestSource,
): Promise<void> {
  const { database, mailer } = context
  await inTransaction(database, async (transaction) => {
    const existing = await findUserByEmail(transaction, email)
    const details = sealSignUp(context, email, signUp)
    const purpose = existing === null ? 'sign_up' : 'decoy'
    const token = await makeLink(context, transaction, { purpose, userId: null, email, details })
    if (existing === null) await queueLink(context, transaction, { ...signUp, email }, token, source)
    else
      await mailer.queue(transaction, existing.email, 'address_taken', {
        ...askedBy(context, source),
        name: nameInMail(existing),
      })
    await recordAuditEvent(context, transaction, source, {
      action: 'sign_up',
      userId: existing?.id ?? null,
      actor: 'nobody',
    })
  })
  mailer.wake()
}

/**
 * Mails a new link for a pending sign-up, in the transaction of the request. Returns false if there is no pending sign-up for the address.
 */
export async function mailPendingSignUp(
  context: Context,
  transaction: Database,
  email: string,
  source: RequestSource,
): Promise<boolean> {
  const pending = await findSignUp(context, transaction, email)
  if (pending === null) return false
  const details = sealSignUp(context, email, pending)
  const token = await makeLink(context, transaction, { purpose: 'sign_up', userId: null, email, details })
  await queueLink(context, transaction, { ...pending, email }, token, source)
  return true
}

function queueLink(
  context: Context,
  transaction: Database,
  { email, passwordHash }: PendingSignUp & { email: string },
  token: string,
  source: RequestSource,
): Promise<void> {
  return context.mailer.queue(
    transaction,
    email,
    passwordHash === null ? 'passkey_sign_up' : 'verify_address',
    { ...askedBy(context, source), token, validMinutes: validMinutes.sign_up },
  )
}

/**
 * Creates the account of a pending sign-up, and signs the user in. For a sign-up with a passkey, the user may choose a password here instead:
 * whoever has the link owns the address, and nobody has chosen a password before.
 *
 * @throws FlowError `link_invalid`; `invalid_request` when the password is not the one that was chosen, or is refused by the password
 * policy. In this case the link still works.
 */
export async function finishSignUp(
  context: Context,
  { token, password, email }: { token: string; password: string; email: string },
  source: RequestSource,
): Promise<SignInResult | { status: 'verified'; user: User }> {
  const { details } = await readLink(context, token, 'sign_up')
  const signUp = openSignUp(context, email, details ?? '')
  const passwordHash =
    signUp.passwordHash ?? (await newPasswordHash(context, password, { ...signUp, email }, source))
  if (
    signUp.passwordHash !== null &&
    !(await verifyPassword(context, password, signUp.passwordHash, source.signal))
  )
    throw wrongPassword()
  const user = await createPendingUser(context, { ...signUp, email }, { token, passwordHash }, source)
  return (
    (await beginSessionIfPossible(context, user, byPassword(passwordHash), source)) ?? {
      status: 'verified',
      user: toUser(context.config, user),
    }
  )
}

/**
 * Returns the sign-up with a passkey to which a mailed link belongs, and the hash of the link. Uses nothing up.
 *
 * @throws FlowError `link_invalid`.
 */
export async function readPasskeySignUp(
  context: Context,
  token: string,
): Promise<{ hash: string; signUp: PendingPasskeySignUp }> {
  const { hash, email, details } = await readLink(context, token, 'sign_up')
  const signUp = openSignUp(context, email, details ?? '')
  // With a password, the link is not enough: the user must enter the password.
  if (signUp.passwordHash !== null) throw new FlowError('link_invalid')
  return { hash, signUp: { ...signUp, email } }
}

/**
 * Creates the user of a pending sign-up, whose address is verified by the link, and uses the link up. `alongside` runs in the same
 * transaction.
 *
 * @throws FlowError `link_invalid`.
 */
export async function createPendingUser(
  context: Context,
  { email, name, roles, fields = {}, userId }: PendingSignUp & { email: string },
  { token, passwordHash }: { token: string; passwordHash: string | null },
  source: RequestSource,
  alongside: (transaction: Database) => Promise<void> = async () => {},
): Promise<StoredUser> {
  const { database, clock, newId } = context
  const now = clock()
  const user: StoredUser = {
    id: userId ?? newId(),
    email,
    name,
    roles,
    version: 0,
    createdAt: now,
    updatedAt: now,
    signedInAt: null,
    disabledAt: null,
    emailVerifiedAt: now,
    deleteAt: null,
    fields,
  }
  await inTransaction(database, async (transaction) => {
    await spendLink(context, transaction, token, 'sign_up')
    // If the user cannot be added, the address has got an account in the meantime, by another link or by an operator.
    if (!(await addUser(transaction, user, passwordHash))) throw new FlowError('link_invalid')
    await noteSignUp(context, transaction, user.id)
    await recordAuditEvent(context, transaction, source, { action: 'address_verified', userId: user.id })
    await alongside(transaction)
  })
  tellOfSignUp(context, user)
  return user
}

async function newPasswordHash(
  context: Context,
  password: string,
  about: { email: string; name: string },
  { signal }: RequestSource,
): Promise<string> {
  requireCapacity(context)
  return hashNewPassword(context, await requireAcceptablePassword(context, password, about), signal)
}

async function findSignUp(
  context: Context,
  transaction: Database,
  email: string,
): Promise<PendingSignUp | null> {
  const row = await transaction
    .selectFrom('one_time_token')
    .select('details')
    .where('email', '=', email)
    .where('purpose', '=', 'sign_up')
    .where('expiresAt', '>', context.clock())
    .executeTakeFirst()
  const opened = row?.details ? context.keyring.open('sign-up', row.details, email) : null
  return opened === null ? null : (JSON.parse(opened) as PendingSignUp)
}

function sealSignUp({ keyring }: Context, email: string, signUp: PendingSignUp): string {
  return keyring.seal('sign-up', JSON.stringify(signUp), email)
}

/**
 * Decrypts the data of a pending sign-up.
 *
 * @throws FlowError `link_invalid` when the data was encrypted under a secret that is no longer known.
 */
function openSignUp({ keyring }: Context, email: string, sealed: string): PendingSignUp {
  const opened = keyring.open('sign-up', sealed, email)
  if (opened === null) throw new FlowError('link_invalid')
  return JSON.parse(opened) as PendingSignUp
}

export function wrongPassword(): FlowError {
  const errors = [{ field: 'password', message: 'This is not the password that was chosen for the account.' }]
  return new FlowError('invalid_request', { reason: 'wrong password', details: { errors } })
}
