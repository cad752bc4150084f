/**
 * Milliseconds on a clock that all processes of a machine share and nobody sets: `performance.timeOrigin` is taken from the time
 * of day when a process starts, and differs between processes by whatever that was corrected meanwhile.
 */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
