import { createHmac } from 'node:crypto'
import { describeDevice } from '../../mail/device-name.ts'
import type { Caller, Context } from '../../services/context.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import { maxKnownDevices } from '../../services/throttle-policy.ts'
import type { Database } from '../../store/database.ts'
import { isKnownDevice, noteDevice } from '../../store/known-device.ts'
import type { StoredUser } from '../../store/user.ts'

/** Whether somebody has signed in to an account in this browser before. For an account that is not, the work is the same. */
export async function knowsDevice(
  context: Context,
  userId: string | null,
  { device }: Caller,
): Promise<boolean> {
  return device !== null && isKnownDevice(context.database, userId ?? '', hashesOf(context, device))
}

/** The browser's own value, or a new one for it. It signs nobody in: it tells a browser that was here from one that was not. */
export function deviceOf({ randomBytes }: Context, { device }: Caller): string {
  return device ?? randomBytes(24).toString('base64url')
}

/** Notes a sign-in in a browser, in its transaction; tells the account's owner by mail where it is a new one among others. */
export async function welcomeDevice(
  context: Context,
  transaction: Database,
  user: StoredUser,
  device: string,
  { address, userAgent }: Caller,
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

/** Under every secret that is in force: a browser stays known while one of them is replaced. New rows are made under the first. */
function hashesOf({ keyring }: Context, device: string): string[] {
  return keyring.macKeys('device').map((key) => createHmac('sha256', key).update(device).digest('base64url'))
}
