import { describeDevice } from '../mail/device-name.ts'
import type { Context, RequestSource } from './context.ts'

/** Returns the time and the device of a request. They are shown in the first line of a mail. */
export function askedBy(
  { clock }: Pick<Context, 'clock'>,
  { userAgent }: RequestSource,
): { at: number; device: string } {
  return { at: clock(), device: describeDevice(userAgent) }
}
