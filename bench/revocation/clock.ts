/**
 * Returns the milliseconds of a monotonic clock that all processes of a machine share. `performance.timeOrigin` cannot be used for this. It
 * comes from the time of day at the start of a process, so two processes differ if the time of day was corrected between their starts.
 */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
