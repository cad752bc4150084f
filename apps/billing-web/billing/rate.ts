const percent = new Intl.NumberFormat('en-US', {
  style: 'percent',
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
})

/** Formats a fraction as a percentage: `0.0421` becomes `4.2%`. */
export function formatRate(fraction: number): string {
  return percent.format(fraction)
}

/** Returns the change from `before` to `now` as a fraction, or null if `before` is 0. */
export function changeSince(before: number, now: number): number | null {
  return before === 0 ? null : (now - before) / before
}

const count = new Intl.NumberFormat('en-US')

/** Formats a number with a noun: `1,204 invoices`, `1 invoice`. */
export function formatCount(things: number, one: string, many: string): string {
  return `${count.format(things)} ${things === 1 ? one : many}`
}
