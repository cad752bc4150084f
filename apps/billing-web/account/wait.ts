const minute = 60
const hour = 60 * minute

/** Formats a waiting time and rounds it up: `30 seconds`, `a minute`, `5 minutes`, `an hour`, `3 hours`. */
export function formatWait(seconds: number): string {
  if (seconds <= 45) return `${Math.max(5, Math.ceil(seconds / 5) * 5)} seconds`
  if (seconds <= minute) return 'a minute'
  const minutes = Math.ceil(seconds / minute)
  if (minutes < 60) return `${minutes} minutes`
  const hours = Math.ceil(seconds / hour)
  return hours === 1 ? 'an hour' : `${hours} hours`
}
