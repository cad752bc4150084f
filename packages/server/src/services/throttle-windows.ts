import { createHmac } from 'node:crypto'
import type { Database } from '../store/database.ts'
import { countThrottles } from '../store/throttle.ts'
import type { Context, RequestSource } from './context.ts'
import { FlowError } from './flow-error.ts'
import { networksOf } from './network.ts'
import { type Quota, type ThrottleName, type ThrottlePolicy, throttlePolicy } from './throttle-policy.ts'

/** A counter of requests and its limit, in a window of time. */
export type Window = { key: string; name: string; tries: number; seconds: number }

/** The windows in which one request is counted, in the order of counting. */
export type Windows = {
  /** The windows of the networks that contain the caller's address, smallest network first. */
  networks: Window[]
  address: Window[]
  user: Window[]
  /** The window of all callers together. While its limit is exceeded, `share` is the limit of each network. */
  overall: (Window & { share: number }) | null
}

/** Returns the windows of one throttle in which a request is counted. */
export function windowsOf(
  context: Context,
  name: ThrottleName,
  { address, email, userId }: { address?: string | null; email?: string | null; userId?: string },
): Windows {
  const policy: ThrottlePolicy = throttlePolicy[name]
  const window = (kind: string, { tries, seconds }: Quota, of: string): Window => ({
    key: throttleKey(context, name, kind, of),
    name: `${name}_${kind}`,
    tries: scaled(context, tries),
    seconds,
  })
  const { network, overall } = policy
  return {
    networks:
      network && address !== undefined
        ? networksOf(address).map(({ kind, of, times }) =>
            window(kind, { ...network, tries: network.tries * times }, of),
          )
        : [],
    address: policy.address && email ? [window('address', policy.address, email)] : [],
    user: policy.user && userId !== undefined ? [window('user', policy.user, userId)] : [],
    overall: overall ? { ...window('overall', overall, ''), share: scaled(context, overall.share) } : null,
  }
}

/**
 * Returns the window in which a known browser is counted, for a throttle that limits email addresses. The browser is counted in no other
 * window, so other callers cannot use up its limit.
 */
export function deviceWindowsOf(
  context: Context,
  name: ThrottleName,
  { email, device }: { email: string; device: string },
): Windows {
  const { address: quota }: ThrottlePolicy = throttlePolicy[name]
  if (quota === undefined) throw new TypeError(`${name} is not limited by address.`)
  const { tries, seconds } = quota
  const key = throttleKey(context, name, 'device', email, device)
  const window = { key, name: `${name}_device`, tries: scaled(context, tries), seconds }
  return { networks: [], address: [window], user: [], overall: null }
}

/** A window after a request was counted in it. */
type CountedWindow = Window & { count: number; resetSeconds: number }

/** Counts a request in each window, then checks the limits. See {@link countAll} and {@link refuseFull}. */
export async function countWindows(
  context: Context,
  database: Database,
  windows: readonly Window[],
  source: RequestSource,
): Promise<CountedWindow[]> {
  const results = await countAll(context, database, windows)
  refuseFull(results, source)
  return results
}

/**
 * Checks the limits. Records the windows that count only this caller, so that the response can report them.
 *
 * @throws FlowError `too_many_requests` when one of the windows is full.
 */
export function refuseFull(windows: readonly CountedWindow[], source: RequestSource): void {
  // Do not report the windows of email addresses, of larger networks or of unknown networks, because they count other callers too.
  for (const { name, tries, seconds, count, resetSeconds } of windows)
    if (/_(?:network|user)$/.test(name))
      source.limits.push({
        name,
        tries,
        windowSeconds: seconds,
        remaining: Math.max(0, tries - count),
        resetSeconds,
      })
  for (const { name, tries, count, resetSeconds } of windows)
    if (count > tries) throw tooMany(resetSeconds, { reason: name })
}

/**
 * Counts a request in the window of all callers. Call this last in the transaction, because other requests wait for this row until the
 * transaction ends.
 *
 * @throws FlowError `too_many_requests` when the limit of all callers is exceeded, and the largest network of the caller has used up its
 * share.
 */
export async function countOverall(
  context: Context,
  database: Database,
  { overall }: Windows,
  networks: readonly CountedWindow[],
): Promise<void> {
  if (overall === null) return
  const [total] = await countAll(context, database, [overall])
  const widest = networks.at(-1)
  if (total === undefined || total.count <= overall.tries) return
  if (widest === undefined || widest.count <= overall.share) return
  throw tooMany(Math.min(total.resetSeconds, widest.resetSeconds), { reason: overall.name })
}

/** Counts a request in each window, with one statement. All windows must have the same length. */
export async function countAll(
  { clock }: Context,
  database: Database,
  windows: readonly Window[],
): Promise<CountedWindow[]> {
  const [first] = windows
  if (first === undefined) return []
  const now = clock()
  const rows = await countThrottles(database, {
    keys: windows.map(({ key }) => key),
    now,
    windowMs: first.seconds * 1000,
  })
  return windows.map((window, at) => {
    const { count = 0, until = now } = rows[at] ?? {}
    return { ...window, count, resetSeconds: Math.max(1, Math.ceil((until - now) / 1000)) }
  })
}

function scaled({ config }: Context, number: number): number {
  return Math.max(1, Math.floor(number * config.throttleScale))
}

/** Returns a hashed key, so that the table does not show to whom a count belongs. */
export function throttleKey({ keyring }: Context, ...parts: string[]): string {
  // Use the key of the oldest secret. With the key of the newest one, a new secret would reset all counts.
  return createHmac('sha256', keyring.oldestMacKey('throttle'))
    .update(JSON.stringify(parts))
    .digest('base64url')
}

export function tooMany(seconds: number, { detail, reason }: { detail?: string; reason: string }): FlowError {
  return new FlowError('too_many_requests', {
    retryAfterSeconds: Math.max(1, Math.ceil(seconds)),
    reason,
    ...(detail && { details: { detail } }),
  })
}
