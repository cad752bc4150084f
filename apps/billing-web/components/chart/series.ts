/** One series of a chart over months. */
export type Series = { key: string; name: string; colour: string }

/** One month with an amount in cents for each series. */
export type MonthRow = { month: string; amounts: Record<string, number> }

export const colours = {
  accent: 'var(--accent)',
  quiet: 'var(--quiet-series)',
} as const

/** Pixels; the placeholder has the same, so that nothing moves when the chart has come. */
export const plotHeight = 272
