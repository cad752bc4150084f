import { createHmac } from 'node:crypto'
import type { Database } from '../store/database.ts'
import { beginTry, countThrottle, forgetThrottle, type StoredDelays, takeBack } from '../store/throttle.ts'
import type { Caller, Context } from './context.ts'
import { FlowError } from './flow-error.ts'
import { networkOf } from './network.ts'
import { passwordDelays, type Quota, type ThrottleName, throttlePolicy } from './throttle-policy.ts'

/** What a try has taken of the throttles, until it is known how it ended. */
export type Turn = {
  /** Whether this was the last try that a password alone is good for. */
  isLast: boolean
  /** It came to no verdict of ours: it is as if it had never been. */
  giveBack(): Promise<void>
  /** It was right: the wrong ones before are forgotten. In the transaction of what it opens. */
  settle(transaction: Database): Promise<void>
}

type Bucket = { key: string; name: string; quota: Quota }

const storedDelays: StoredDelays = {
  free: passwordDelays.free,
  firstWaitMs: passwordDelays.firstWait * 1000,
  longestWaitMs: passwordDelays.longestWait * 1000,
  most: passwordDelays.most,
  forgottenMs: passwordDelays.forgottenAfter * 1000,
}

/**
 * Counts one more of something, for the network that asks, for the address that it is about, and overall. What is refused is not
 * counted: so nobody uses up what others need by asking in vain.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function takeTurn(
  context: Context,
  name: ThrottleName,
  caller: Caller,
  email?: string | null,
): Promise<void> {
  await context.database
    .transaction()
    .execute((transaction) => countAll(context, transaction, bucketsOf(context, name, caller, email), caller))
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
): Promise<Turn> {
  const { device } = caller
  const account = keyOf(context, 'password', email)
  const own = device === null ? null : keyOf(context, 'password', email, device)
  const isOwn = isKnownDevice && own !== null
  const buckets = isOwn ? [] : bucketsOf(context, 'sign_in', caller)
  const forgotten = own === null ? [account] : [account, own]
  return begin(context, 'sign_in', { counted: isOwn ? own : account, forgotten, buckets }, caller)
}

/** Begins a check of the password of somebody who is signed in: a stolen session must not be good for guessing it. */
export function beginPrompt(context: Context, userId: string, caller: Caller): Promise<Turn> {
  const counted = keyOf(context, 'prompt', userId)
  return begin(context, 'prompt', { counted, forgotten: [counted], buckets: [] }, caller)
}

/** After a new password by mail: what was tried before is of no account any more. */
export async function forgetTries(
  context: Context,
  transaction: Database,
  { id, email }: { id: string; email: string },
): Promise<void> {
  await forgetThrottle(transaction, keyOf(context, 'password', email))
  await forgetThrottle(transaction, keyOf(context, 'prompt', id))
}

async function begin(
  context: Context,
  name: 'sign_in' | 'prompt',
  { counted, forgotten, buckets }: { counted: string; forgotten: string[]; buckets: Bucket[] },
  caller: Caller,
): Promise<Turn> {
  const { database, newId } = context
  const by = newId()
  const overall = buckets.filter((bucket) => bucket.name.endsWith('overall'))
  const network = buckets.filter((bucket) => !overall.includes(bucket))
  const tries = await database
    .transaction()
    .execute(async (transaction) => {
      await countAll(context, transaction, network, caller)
      const count = await takeDelayed(context, transaction, counted, by)
      // Last, because everybody waits for this row until the transaction ends.
      await countAll(context, transaction, overall, caller)
      return count
    })
    .catch((error: unknown) => noteRefusal(context, name, error))
  const takeAllBack = async (to: Database, accounts: (to: Database) => Promise<void>) => {
    // In the order in which they are taken, or two of them would wait for each other.
    for (const { key } of network) await takeBack(to, { key, by })
    await accounts(to)
    for (const { key } of overall) await takeBack(to, { key, by })
  }
  return {
    isLast: tries === passwordDelays.most,
    giveBack: () =>
      database
        .transaction()
        .execute((transaction) => takeAllBack(transaction, (to) => takeBack(to, { key: counted, by }))),
    settle: (transaction) =>
      takeAllBack(transaction, async (to) => {
        for (const key of forgotten) await forgetThrottle(to, key)
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
  if (row.count >= passwordDelays.most)
    throw tooMany((row.until - now) / 1000, {
      detail: 'There were too many wrong passwords. Choose a new one by mail to go on.',
      reason: 'too many wrong passwords',
    })
  throw tooMany((row.blockedUntil - now) / 1000, { reason: 'the wait is not over' })
}

async function countAll(
  { clock }: Context,
  transaction: Database,
  buckets: Bucket[],
  caller: Caller,
): Promise<void> {
  for (const { key, name, quota } of buckets) {
    const now = clock()
    const { count, until } = await countThrottle(transaction, { key, now, windowMs: quota.seconds * 1000 })
    const resetSeconds = Math.max(1, Math.ceil((until - now) / 1000))
    // What others have done with an address, or everybody together, is not theirs to know.
    if (name.endsWith('network'))
      caller.limits.push({
        name,
        tries: quota.tries,
        windowSeconds: quota.seconds,
        remaining: Math.max(0, quota.tries - count),
        resetSeconds,
      })
    if (count > quota.tries) throw tooMany(resetSeconds, { reason: name })
  }
}

function bucketsOf(
  context: Context,
  name: ThrottleName,
  { address }: Caller,
  email?: string | null,
): Bucket[] {
  const quotas: { address?: Quota; network?: Quota; overall?: Quota } = throttlePolicy[name]
  const { throttleScale: scale } = context.config
  const bucket = (kind: string, quota: Quota | undefined, of: string | null | undefined): Bucket[] => {
    if (quota === undefined || of === null || of === undefined) return []
    const tries = Math.max(1, Math.floor(quota.tries * scale))
    return [
      {
        key: keyOf(context, name, kind, of),
        name: `${name}_${kind}`,
        quota: { tries, seconds: quota.seconds },
      },
    ]
  }
  return [
    ...bucket('network', quotas.network, address === null ? null : networkOf(address)),
    ...bucket('address', quotas.address, email),
    ...bucket('overall', quotas.overall, ''),
  ]
}

/** Under a key that tells nobody who reads the table whose it is. */
function keyOf({ keyring }: Context, ...parts: string[]): string {
  // Not the newest key: a new secret must not begin all counts anew.
  return createHmac('sha256', keyring.oldestKey('throttle')).update(JSON.stringify(parts)).digest('base64url')
}

function tooMany(seconds: number, { detail, reason }: { detail?: string; reason: string }): FlowError {
  return new FlowError('too_many_requests', {
    retryAfterSeconds: Math.max(1, Math.ceil(seconds)),
    reason,
    ...(detail && { details: { detail } }),
  })
}

function noteRefusal({ metrics }: Context, name: ThrottleName | 'prompt', error: unknown): never {
  if (error instanceof FlowError) metrics.countThrottled(name)
  throw error
}
