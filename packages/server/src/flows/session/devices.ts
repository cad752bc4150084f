import { createHmac } from 'node:crypto'
import { describeDevice } from '../../mail/device-name.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import { maxKnownDevices } from '../../services/throttle-policy.ts'
import type { Database } from '../../store/database.ts'
import { isKnownDevice, noteDevice, setTrustedUntil, trustedUntil } from '../../store/known-device.ts'
import type { StoredUser } from '../../store/user.ts'

/** Returns whether this browser has signed in to the account before. If there is no such account, the same work is done. */
export async function knowsDevice(
  context: Context,
  userId: string | null,
  { device }: RequestSource,
): Promise<boolean> {
  return device !== null && isKnownDevice(context.database, userId ?? '', hashesOf(context, device))
}

/** The maximum difference between the clocks of two processes, in milliseconds. */
const clockMarginMs = 10_000

/** Returns whether the user has chosen, at an earlier sign-in, not to be asked for the second factor in this browser. */
export async function isTrustedDevice(
  context: Context,
  userId: string,
  { device }: RequestSource,
): Promise<boolean> {
  const { config, clock, database } = context
  // The setting may have been changed to 0 since the user has chosen this.
  if (device === null || config.trustedBrowserSeconds === 0) return false
  const until = await trustedUntil(database, userId, hashesOf(context, device))
  const leftMs = (until ?? 0) - clock()
  // If more time is left than a choice gives now, the setting was made shorter, or the clock was set back.
  return leftMs > 0 && leftMs <= config.trustedBrowserSeconds * 1000 + clockMarginMs
}

/**
 * Records that the user is not asked for the second factor in this browser for some time. Runs in the transaction of the sign-in, which has
 * stored the browser.
 */
export async function trustDevice(
  context: Context,
  transaction: Database,
  userId: string,
  device: string,
): Promise<void> {
  const { config, clock } = context
  const [hash = ''] = hashesOf(context, device)
  const until = clock() + config.trustedBrowserSeconds * 1000
  if (config.trustedBrowserSeconds > 0) await setTrustedUntil(transaction, { userId, hash, until })
}

/**
 * Returns the value of the browser's device cookie, or a new value. The cookie only lets the server recognise the browser. It does not
 * authenticate anybody.
 */
export function deviceOf({ randomBytes }: Context, { device }: RequestSource): string {
  return device ?? randomBytes(24).toString('base64url')
}

/**
 * Stores the browser of a sign-in, in the transaction of the sign-in. If the browser is new and not the first one of the user, the user
 * gets a mail.
 */
export async function welcomeDevice(
  context: Context,
  transaction: Database,
  user: StoredUser,
  device: string,
  { address, userAgent }: RequestSource,
): Promise<void> {
  const now = context.clock()
  const hashes = hashesOf(context, device)
  const isKnown = await isKnownDevice(transaction, user.id, hashes)
  const others = await noteDevice(transaction, { userId: user.id, hashes, now, most: maxKnownDevices })
  if (isKnown || others === 0) return
  await context.mailer.queue(transaction, user.email, 'new_device', {
    name: nameInMail(user),
    at: now,
    device: describeDevice(userAgent),
    address,
  })
}

/**
 * Returns the hashes of the device cookie, one for each accepted secret. So the server still recognises a browser while a secret is being
 * replaced. New rows use the first hash.
 */
function hashesOf({ keyring }: Context, device: string): string[] {
  return keyring.macKeys('device').map((key) => createHmac('sha256', key).update(device).digest('base64url'))
}
