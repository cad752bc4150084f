import type { Database } from '../store/database.ts'
import { inTransaction, writeTogether } from '../store/group-commit.ts'
import { beginTry, forgetThrottle, type StoredDelays, takeBack } from '../store/throttle.ts'
import type { Context, RequestSource } from './context.ts'
import { FlowError } from './flow-error.ts'
import { passwordDelays, type ThrottleName, type UserThrottleName } from './throttle-policy.ts'
import {
  countAll,
  countOverall,
  countWindows,
  deviceWindowsOf,
  refuseFull,
  throttleKey,
  tooMany,
  type Windows,
  windowsOf,
} from './throttle-windows.ts'

/** One try of a password or of a second factor. The try has been counted, but its result is not known yet. */
export type Attempt = {
  /** Whether this is the last try that is allowed with the password alone. */
  isLast: boolean
  /** Removes the try from all counts. Use this if the password was not checked. */
  refund(): Promise<void>
  /** Resets the counts after a right password or second factor, in the transaction of the sign-in. */
  reset(transaction: Database): Promise<void>
}

const storedDelays: StoredDelays = {
  free: passwordDelays.free,
  firstWaitMs: passwordDelays.firstWait * 1000,
  longestWaitMs: passwordDelays.longestWait * 1000,
  maxTries: passwordDelays.maxTries,
  forgottenMs: passwordDelays.forgottenAfter * 1000,
}

/**
 * Counts a request in the windows of the caller's networks, of the email address, and of all callers together. Refused requests are not
 * counted, so that they do not use up the limits of others. A known browser of the account is counted in its own window.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function consumeQuota(
  context: Context,
  name: ThrottleName,
  source: RequestSource,
  email: string | null = null,
  { isKnownDevice = false } = {},
): Promise<void> {
  const { address, device } = source
  const windows =
    isKnownDevice && email !== null && device !== null
      ? deviceWindowsOf(context, name, { email, device })
      : windowsOf(context, name, { address, email })
  await inTransaction(context.database, async (transaction) => {
    const networks = await countWindows(context, transaction, windows.networks, source)
    await countWindows(context, transaction, windows.address, source)
    await countOverall(context, transaction, windows, networks)
  }).catch((error: unknown) => noteRefusal(context, name, error))
}

/**
 * Counts a request of a signed-in user. If the request has a transaction, counts in that transaction.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function consumeUserQuota(
  context: Context,
  name: UserThrottleName,
  /** The id of the user. If a thief who has one session must not use up the limit of the user, pass the id of the session instead. */
  userId: string,
  source: RequestSource,
  database: Database = context.database,
): Promise<void> {
  const { user } = windowsOf(context, name, { userId })
  // Check the limits after the write. An error during the write would roll back the writes of other requests in the same transaction.
  await writeTogether(database, (together) => countAll(context, together, user))
    .then((windows) => refuseFull(windows, source))
    .catch((error: unknown) => noteRefusal(context, name, error))
}

/**
 * Counts a sign-in. A known browser of the account is counted only in its own window (the device cookies of OWASP). So other people cannot
 * prevent the owner from signing in. Tries from that browser are also limited.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function beginSignIn(
  context: Context,
  { email, isKnownDevice }: { email: string; isKnownDevice: boolean },
  source: RequestSource,
): Promise<Attempt> {
  const { device, address } = source
  const account = throttleKey(context, 'password', email)
  const own = device === null ? null : throttleKey(context, 'password', email, device)
  const isOwn = isKnownDevice && own !== null
  const resetKeys = own === null ? [account] : [account, own]
  const windows = isOwn ? null : windowsOf(context, 'sign_in', { address })
  return begin(context, 'sign_in', { key: isOwn ? own : account, resetKeys, windows }, source)
}

/** Counts a password check of a signed-in user. Without a limit, a thief who has a session could guess the password. */
export async function beginPasswordCheck(
  context: Context,
  userId: string,
  source: RequestSource,
): Promise<Attempt> {
  await consumeUserQuota(context, 'prompt', userId, source)
  const key = throttleKey(context, 'prompt', userId)
  return begin(context, 'prompt', { key, resetKeys: [key], windows: null }, source)
}

/**
 * Counts a code of an authenticator app. The delays are those of passwords. A known browser of the account is counted only in its own
 * window, as in {@link beginSignIn}. All other tries are also counted per day. A new password does not reset this count, because somebody
 * who reads the user's mails could set a new password again and again.
 *
 * @throws FlowError `too_many_requests`.
 */
export function beginCodeTry(
  context: Context,
  { user: { id, email }, isKnownDevice }: { user: { id: string; email: string }; isKnownDevice: boolean },
  source: RequestSource,
): Promise<Attempt> {
  const { device, address } = source
  const account = throttleKey(context, 'second_factor', id)
  const own = device === null ? null : throttleKey(context, 'second_factor', id, device)
  const isOwn = isKnownDevice && own !== null
  const resetKeys = own === null ? [account] : [account, own]
  const windows = isOwn ? null : windowsOf(context, 'second_factor', { address, email })
  return begin(context, 'second_factor', { key: isOwn ? own : account, resetKeys, windows }, source)
}

/**
 * Counts a recovery code. Only the networks are counted, because a recovery code cannot be guessed. So a recovery code is accepted while
 * codes of the account are refused.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function beginRecoveryCodeTry(
  context: Context,
  userId: string,
  source: RequestSource,
): Promise<Attempt> {
  await consumeQuota(context, 'recovery_code', source)
  const { device } = source
  return {
    isLast: false,
    refund: async () => {},
    async reset(transaction) {
      await forgetThrottle(transaction, throttleKey(context, 'second_factor', userId))
      if (device !== null)
        await forgetThrottle(transaction, throttleKey(context, 'second_factor', userId, device))
    },
  }
}

/**
 * Counts a try of a mailed code. A request for a mail allows five tries, and these waits limit the tries of all mails to an address
 * together. A known browser of the account is counted only in its own window, and the link in the mail has no such limit. So other people
 * cannot prevent the owner from signing in.
 *
 * @throws FlowError `too_many_requests`.
 */
export function beginMailedCodeTry(
  context: Context,
  { email, isKnownDevice }: { email: string; isKnownDevice: boolean },
  source: RequestSource,
): Promise<Attempt> {
  const { device, address } = source
  const account = throttleKey(context, 'code', email)
  const own = device === null ? null : throttleKey(context, 'code', email, device)
  const isOwn = isKnownDevice && own !== null
  const resetKeys = own === null ? [account] : [account, own]
  const windows = isOwn ? null : windowsOf(context, 'sign_in_code', { address })
  return begin(context, 'sign_in_code', { key: isOwn ? own : account, resetKeys, windows }, source)
}

/** Resets the count of wrong mailed codes of an address, in the transaction of a sign-in with a mailed link. */
export function forgetMailedCodeTries(context: Context, transaction: Database, email: string): Promise<void> {
  return forgetThrottle(transaction, throttleKey(context, 'code', email))
}

/**
 * Resets the counts of wrong passwords of a user, both for sign-ins and for checks while the user is signed in. Also resets the delays
 * after wrong codes.
 */
export async function forgetTries(
  context: Context,
  transaction: Database,
  { id, email }: { id: string; email: string },
): Promise<void> {
  await forgetThrottle(transaction, throttleKey(context, 'password', email))
  await forgetThrottle(transaction, throttleKey(context, 'prompt', id))
  await forgetThrottle(transaction, throttleKey(context, 'second_factor', id))
  await forgetMailedCodeTries(context, transaction, email)
}

async function begin(
  context: Context,
  name: 'sign_in' | 'sign_in_code' | 'prompt' | 'second_factor',
  { key, resetKeys, windows }: { key: string; resetKeys: string[]; windows: Windows | null },
  source: RequestSource,
): Promise<Attempt> {
  const { database, newId, clock } = context
  const by = newId()
  const count = async (transaction: Database) => {
    const networks = await countWindows(context, transaction, windows?.networks ?? [], source)
    await countWindows(context, transaction, windows?.address ?? [], source)
    const taken = await takeDelayed(context, transaction, name, key, by)
    if (windows !== null) await countOverall(context, transaction, windows, networks)
    return taken
  }
  // The response to a sign-in waits until its audit event is committed. That commit also makes this count durable.
  const isLasting = name !== 'sign_in'
  const tries = await inTransaction(database, count, { isLasting }).catch((error: unknown) =>
    noteRefusal(context, name, error),
  )
  const takeAllBack = async (to: Database, accounts: (to: Database) => Promise<void>) => {
    const now = clock()
    // Use the order in which the windows were counted, to avoid deadlocks.
    const counted = [...(windows?.networks ?? []), ...(windows?.address ?? [])].map(({ key }) => key)
    if (counted.length > 0) await takeBack(to, { keys: counted, by, now })
    await accounts(to)
    if (windows?.overall) await takeBack(to, { keys: [windows.overall.key], by, now })
  }
  return {
    isLast: tries === passwordDelays.maxTries,
    refund: () =>
      inTransaction(database, (transaction) =>
        takeAllBack(transaction, (to) => takeBack(to, { keys: [key], by, now: clock() })),
      ),
    reset: (transaction) =>
      takeAllBack(transaction, async (to) => {
        for (const each of resetKeys) await forgetThrottle(to, each)
      }),
  }
}

const tooManyTries = {
  password: 'There were too many wrong passwords. Set a new password with a mailed link.',
  code: 'There were too many wrong codes. Use a recovery code, or set a new password with a mailed link.',
  mailedCode: 'There were too many wrong codes. Use the link in the mail.',
}

async function takeDelayed(
  { clock }: Context,
  transaction: Database,
  name: 'sign_in' | 'sign_in_code' | 'prompt' | 'second_factor',
  key: string,
  by: string,
): Promise<number> {
  const now = clock()
  const row = await beginTry(transaction, { key, now, by }, storedDelays)
  if (row.lastBy === by) return row.count
  if (row.count >= passwordDelays.maxTries)
    throw tooMany((row.until - now) / 1000, {
      detail:
        tooManyTries[name === 'second_factor' ? 'code' : name === 'sign_in_code' ? 'mailedCode' : 'password'],
      reason: `too many wrong ${name === 'sign_in' || name === 'prompt' ? 'passwords' : 'codes'}`,
    })
  throw tooMany((row.blockedUntil - now) / 1000, { reason: 'the wait is not over' })
}

function noteRefusal({ metrics }: Context, name: ThrottleName, error: unknown): never {
  if (error instanceof FlowError) metrics.countThrottled(name)
  throw error
}
