import { InvalidArgumentError } from 'commander'

const secondsOf = { m: 60, h: 3_600, d: 86_400 }
const maxSeconds = 30 * secondsOf.d

/** Parses a waiting time from a minute to 30 days: `30m`, `24h`, `3d`. Returns seconds. */
export function waitingTime(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  const seconds = Number(count) * (secondsOf[unit as keyof typeof secondsOf] ?? 0)
  if (seconds > 0 && seconds <= maxSeconds) return seconds
  throw new InvalidArgumentError('Give minutes, hours or days, from 1m to 30d: 24h. Use --now for no wait.')
}
