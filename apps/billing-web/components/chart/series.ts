/** One series of a chart over months. */
export type Series = { key: string; name: string; colour: string }

/** One month with an amount in cents for each series. `fill` is the colour of a month that is not over yet. */
export type MonthRow = { month: string; amounts: Record<string, number>; fill?: string }

export const colours = {
  accent: 'var(--accent)',
  quiet: 'var(--quiet-series)',
} as const

/** The height in pixels, also of the placeholder, so that nothing moves when the chart is shown. */
export const plotHeight = 272
