import type { SessionDescription } from '@sallyport/next/server'
import { type Device, describeDevice } from './device.ts'

/** A session for the page. It is plain data without the user agent, because it is sent to the browser. */
export type ListedSession = {
  id: string
  isCurrent: boolean
  device: Device
  address: string | null
  lastUsedAtMs: number
  signedInAtMs: number
}

/** The length of the longest IP address: an IPv6 address with an IPv4 address at its end. */
const longestAddress = 45

export function toListedSession(session: SessionDescription): ListedSession {
  const { id, current, address, userAgent, lastUsedAt, createdAt } = session
  return {
    id,
    isCurrent: current,
    device: describeDevice(userAgent),
    address: address === null ? null : address.slice(0, longestAddress),
    lastUsedAtMs: lastUsedAt,
    signedInAtMs: createdAt,
  }
}
