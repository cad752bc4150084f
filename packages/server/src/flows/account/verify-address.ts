import type { User } from '@sallyport/protocol'
import type { UserFieldValues } from '../../config/user-fields.ts'
import { askedBy } from '../../services/asked-by.ts'
import { record } from '../../services/audit-log.ts'
import type { Caller, Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import { makeLink, readLink, spendLink, validMinutes } from '../../services/one-time-link.ts'
import { takeTurn } from '../../services/throttles.ts'
import { toUser } from '../../services/to-user.ts'
import type { Database } from '../../store/database.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { dropDevicesOf } from '../../store/known-device.ts'
import { dropOneTimeTokensOf } from '../../store/one-time-token.ts'
import { endSessionsOf } from '../../store/session.ts'
import { addUser, findUserByEmail, type StoredUser, verifyEmail } from '../../store/user.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { revokedUntil } from '../session/end-session.ts'
import { beginSession, type IssuedTokens } from '../session/issue-tokens.ts'
import { noteSignUp, tellOfSignUp } from '../sign-in/after-sign-up.ts'
import { verifyPassword } from '../sign-in/password.ts'
import { checkPassword } from '../sign-in/reauthenticate.ts'

/** What an account shall be made of, once its address is proven. `fields`: not in what was sealed before there were any. */
type SignUp = { name: string; passwordHash: string; roles: string[]; fields?: UserFieldValues }

/**
 * Asks for proof of an address before there is an account at all: so nobody can set up an account on somebody else's address and wait
 * (A17). For an address that has an account, the same work is done and its owner is told (A01, A02).
 */
export async function askToSignUp(
  context: Context,
  { email, name, passwordHash, roles, fields = {} }: SignUp & { email: string },
  caller: Caller,
): Promise<void> {
  const { database, mailer } = context
  await inTransaction(database, async (transaction) => {
    const existing = await findUserByEmail(transaction, email)
    const details = sealSignUp(context, email, { name, passwordHash, roles, fields })
    const purpose = existing === null ? 'sign_up' : 'decoy'
    const token = await makeLink(context, transaction, { purpose, userId: null, email, details })
    if (existing === null)
      await mailer.queue(transaction, email, 'verify_address', {
        ...askedBy(context, caller),
        token,
        validMinutes: validMinutes.sign_up,
      })
    else
      await mailer.queue(transaction, existing.email, 'address_taken', {
        ...askedBy(context, caller),
        name: nameInMail(existing),
      })
    await record(context, transaction, caller, {
      action: 'sign_up',
      userId: existing?.id ?? null,
      actor: 'nobody',
    })
  })
  mailer.wake()
}

/** Sends the link again, to whoever waits for one. Whatever the address, the work and the answer are the same. */
export async function askForVerification(
  context: Context,
  email: string | null,
  caller: Caller,
): Promise<void> {
  await takeTurn(context, 'mail', caller, email ?? context.newId())
  const { database, mailer } = context
  await inTransaction(database, async (transaction) => {
    const user = email === null ? null : await findUserByEmail(transaction, email)
    const waiting = email === null || user !== null ? null : await findSignUp(context, transaction, email)
    const address = email ?? ''
    if (user !== null && user.emailVerifiedAt === null)
      await sendVerification(context, transaction, user, caller)
    else if (waiting !== null) {
      const details = sealSignUp(context, address, waiting)
      const token = await makeLink(context, transaction, {
        purpose: 'sign_up',
        userId: null,
        email: address,
        details,
      })
      await mailer.queue(transaction, address, 'verify_address', {
        ...askedBy(context, caller),
        token,
        validMinutes: validMinutes.sign_up,
      })
    } else {
      await makeLink(context, transaction, { purpose: 'decoy', userId: null, email: address })
      await mailer.queueDecoy(transaction)
    }
    await record(context, transaction, caller, {
      action: 'address_verification_asked',
      userId: user?.id ?? null,
      actor: 'nobody',
    })
  })
  mailer.wake()
}

/** Mails somebody who has an account already the link that proves their address. */
export async function sendVerification(
  context: Context,
  transaction: Database,
  { email, id: userId }: StoredUser,
  caller: Caller,
): Promise<void> {
  const token = await makeLink(context, transaction, { purpose: 'verify_address', userId, email })
  await context.mailer.queue(transaction, email, 'verify_address', {
    ...askedBy(context, caller),
    token,
    validMinutes: validMinutes.verify_address,
  })
}

/**
 * Proves an address by the link that was mailed to it, together with the password that was chosen: a link alone, opened by somebody who
 * never signed up, must not hand the account to whoever did. Somebody who is signed in to the account need not give the password again.
 *
 * @throws FlowError `link_invalid`; `invalid_request` when the password is not the one that was chosen, and the link still works.
 */
export async function verifyAddress(
  context: Context,
  { token, password }: { token: string; password?: string | undefined },
  authenticated: Authenticated | null,
  caller: Caller,
): Promise<{ user: User; tokens: IssuedTokens | null }> {
  await takeTurn(context, 'link', caller)
  const signUp = await readLink(context, token, 'sign_up').catch(() => null)
  if (signUp !== null)
    return finishSignUp(context, { token, password: password ?? '', email: signUp.email }, caller)
  const { userId } = await readLink(context, token, 'verify_address')
  const isOwn = authenticated !== null && authenticated.user.id === userId
  const hash =
    isOwn || userId === null || password === undefined
      ? null
      : await checkPassword(context, userId, password, caller)
  if (!isOwn && hash === null) throw wrongPassword()
  const { database, clock } = context
  const user = await inTransaction(database, async (transaction) => {
    const spent = await spendLink(context, transaction, token, 'verify_address')
    const verified = await verifyEmail(transaction, spent.userId ?? '', spent.email, clock())
    if (verified === null) throw new FlowError('link_invalid')
    await record(context, transaction, caller, { action: 'address_verified', userId: verified.id })
    // Whoever proves the address first is alone with it: sessions, pending links and known browsers from before end with it (A17).
    await dropOneTimeTokensOf(transaction, verified.id)
    await dropDevicesOf(transaction, verified.id)
    const except = isOwn ? authenticated.session.id : undefined
    const now = clock()
    await endSessionsOf(transaction, verified.id, {
      reason: 'revoked',
      now,
      until: revokedUntil(now),
      except,
    })
    return verified
  })
  await context.revocations.announce()
  const tokens = hash === null ? null : await beginSessionIfPossible(context, user, hash, caller)
  return { user: toUser(context.config, user), tokens }
}

async function finishSignUp(
  context: Context,
  { token, password, email }: { token: string; password: string; email: string },
  caller: Caller,
): Promise<{ user: User; tokens: IssuedTokens | null }> {
  const { database, clock, newId } = context
  const { details } = await readLink(context, token, 'sign_up')
  const { name, passwordHash, roles, fields = {} } = openSignUp(context, email, details ?? '')
  if (!(await verifyPassword(context, password, passwordHash, caller.signal))) throw wrongPassword()
  const now = clock()
  const user: StoredUser = {
    id: newId(),
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
    // Somebody else has an account on it by now, by another link or by an operator.
    if (!(await addUser(transaction, user, passwordHash))) throw new FlowError('link_invalid')
    await noteSignUp(context, transaction, user.id)
    await record(context, transaction, caller, { action: 'address_verified', userId: user.id })
  })
  tellOfSignUp(context, user)
  return {
    user: toUser(context.config, user),
    tokens: await beginSessionIfPossible(context, user, passwordHash, caller),
  }
}

/** The link is spent by now: an error would send somebody back to it in vain. Without a session, they sign in as anybody does. */
async function beginSessionIfPossible(
  ...[context, user, hash, caller]: Parameters<typeof beginSession>
): Promise<IssuedTokens | null> {
  try {
    return await beginSession(context, user, hash, caller)
  } catch (error) {
    if (error instanceof FlowError && error.code === 'unavailable') return null
    throw error
  }
}

async function findSignUp(context: Context, transaction: Database, email: string): Promise<SignUp | null> {
  const row = await transaction
    .selectFrom('one_time_token')
    .select('details')
    .where('email', '=', email)
    .where('purpose', '=', 'sign_up')
    .where('expiresAt', '>', context.clock())
    .executeTakeFirst()
  const opened = row?.details ? context.keyring.open('sign-up', row.details, email) : null
  return opened === null ? null : (JSON.parse(opened) as SignUp)
}

function sealSignUp({ keyring }: Context, email: string, signUp: SignUp): string {
  return keyring.seal('sign-up', JSON.stringify(signUp), email)
}

/** @throws FlowError `link_invalid` where it was sealed under a secret that has been given up. */
function openSignUp({ keyring }: Context, email: string, sealed: string): SignUp {
  const opened = keyring.open('sign-up', sealed, email)
  if (opened === null) throw new FlowError('link_invalid')
  return JSON.parse(opened) as SignUp
}

function wrongPassword(): FlowError {
  const errors = [{ field: 'password', message: 'This is not the password that was chosen for the account.' }]
  return new FlowError('invalid_request', { reason: 'wrong password', details: { errors } })
}
