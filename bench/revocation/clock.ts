/**
 * Milliseconds on a monotonic clock that all processes of a machine share. `performance.timeOrigin` is not: it comes from the time of day at
 * the start of a process, so it differs between processes if that clock was corrected in between.
 */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
