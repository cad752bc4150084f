import type { Database } from '../store/database.ts'
import { inTransaction, writeTogether } from '../store/group-commit.ts'
import { beginTry, forgetThrottle, type StoredDelays, takeBack } from '../store/throttle.ts'
import type { Caller, Context } from './context.ts'
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

/** What a try has taken of the throttles, until it is known how it ended. */
export type Attempt = {
  /** Whether this was the last try that a password alone is good for. */
  isLast: boolean
  /** It came to no verdict of ours: it is as if it had never been. */
  refund(): Promise<void>
  /** It was right: the wrong ones before are forgotten. In the transaction of what it opens. */
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
 * Counts one more of something, for the networks that ask, for the address that it is about, and overall. What is refused is not
 * counted: so nobody uses up what others need by asking in vain. A browser that the account of the address knows has its own count.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function consumeQuota(
  context: Context,
  name: ThrottleName,
  caller: Caller,
  email: string | null = null,
  { isKnownDevice = false } = {},
): Promise<void> {
  const { address, device } = caller
  const windows =
    isKnownDevice && email !== null && device !== null
      ? deviceWindowsOf(context, name, { email, device })
      : windowsOf(context, name, { address, email })
  await inTransaction(context.database, async (transaction) => {
    const networks = await countWindows(context, transaction, windows.networks, caller)
    await countWindows(context, transaction, windows.address, caller)
    await countOverall(context, transaction, windows, networks)
  }).catch((error: unknown) => noteRefusal(context, name, error))
}

/**
 * Counts one more of something that somebody does who is signed in; in the transaction of what they do, where there is one.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function consumeUserQuota(
  context: Context,
  name: UserThrottleName,
  /** Or the id of their session, for what others who have one of their sessions must not use up. */
  userId: string,
  caller: Caller,
  database: Database = context.database,
): Promise<void> {
  const { user } = windowsOf(context, name, { userId })
  // Judged afterwards: an error would undo what others have written in the same transaction.
  await writeTogether(database, (together) => countAll(context, together, user))
    .then((windows) => refuseFull(windows, caller))
    .catch((error: unknown) => noteRefusal(context, name, error))
}

/**
 * Begins a sign-in. A browser that the account knows has its own count and no other (OWASP's device cookie): so a stranger's tries
 * cannot lock the owner out, and the owner's own mistakes are still limited.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function beginSignIn(
  context: Context,
  { email, isKnownDevice }: { email: string; isKnownDevice: boolean },
  caller: Caller,
): Promise<Attempt> {
  const { device, address } = caller
  const account = throttleKey(context, 'password', email)
  const own = device === null ? null : throttleKey(context, 'password', email, device)
  const isOwn = isKnownDevice && own !== null
  const resetKeys = own === null ? [account] : [account, own]
  const windows = isOwn ? null : windowsOf(context, 'sign_in', { address })
  return begin(context, 'sign_in', { key: isOwn ? own : account, resetKeys, windows }, caller)
}

/** Begins a check of the password of somebody who is signed in: a stolen session must not be good for guessing it. */
export async function beginPasswordCheck(context: Context, userId: string, caller: Caller): Promise<Attempt> {
  await consumeUserQuota(context, 'prompt', userId, caller)
  const key = throttleKey(context, 'prompt', userId)
  return begin(context, 'prompt', { key, resetKeys: [key], windows: null }, caller)
}

/** After a new password by mail: what was tried before is of no account any more. */
export async function forgetTries(
  context: Context,
  transaction: Database,
  { id, email }: { id: string; email: string },
): Promise<void> {
  await forgetThrottle(transaction, throttleKey(context, 'password', email))
  await forgetThrottle(transaction, throttleKey(context, 'prompt', id))
}

async function begin(
  context: Context,
  name: 'sign_in' | 'prompt',
  { key, resetKeys, windows }: { key: string; resetKeys: string[]; windows: Windows | null },
  caller: Caller,
): Promise<Attempt> {
  const { database, newId, clock } = context
  const by = newId()
  const count = async (transaction: Database) => {
    const networks = await countWindows(context, transaction, windows?.networks ?? [], caller)
    const taken = await takeDelayed(context, transaction, key, by)
    if (windows !== null) await countOverall(context, transaction, windows, networks)
    return taken
  }
  // The verdict on a sign-in is not told before it stands in the trail, and that commit takes the count along.
  const isLasting = name !== 'sign_in'
  const tries = await inTransaction(database, count, { isLasting }).catch((error: unknown) =>
    noteRefusal(context, name, error),
  )
  const takeAllBack = async (to: Database, accounts: (to: Database) => Promise<void>) => {
    const now = clock()
    // In the order in which they are taken, or two of them would wait for each other.
    const networks = windows?.networks.map(({ key }) => key) ?? []
    if (networks.length > 0) await takeBack(to, { keys: networks, by, now })
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

async function takeDelayed(
  { clock }: Context,
  transaction: Database,
  key: string,
  by: string,
): Promise<number> {
  const now = clock()
  const row = await beginTry(transaction, { key, now, by }, storedDelays)
  if (row.lastBy === by) return row.count
  if (row.count >= passwordDelays.maxTries)
    throw tooMany((row.until - now) / 1000, {
      detail: 'There were too many wrong passwords. Choose a new one by mail to go on.',
      reason: 'too many wrong passwords',
    })
  throw tooMany((row.blockedUntil - now) / 1000, { reason: 'the wait is not over' })
}

function noteRefusal({ metrics }: Context, name: ThrottleName, error: unknown): never {
  if (error instanceof FlowError) metrics.countThrottled(name)
  throw error
}
