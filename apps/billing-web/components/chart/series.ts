/** One series of a chart over months. */
export type Series = { key: string; name: string; colour: string }

/** One month, with an amount in cents for each series. If the month is not over yet, `fill` is its colour. */
export type MonthRow = { month: string; amounts: Record<string, number>; fill?: string }

export const colours = {
  accent: 'var(--accent)',
  quiet: 'var(--quiet-series)',
} as const

/** The height of a chart in pixels. Its placeholder has the same height, so that nothing moves when the chart is shown. */
export const plotHeight = 272
