'use client'

import dynamic from 'next/dynamic'
import { type MonthRow, plotHeight, type Series } from './series.ts'

function Placeholder() {
  return <div className="skeleton" style={{ height: plotHeight }} />
}

// The drawing library weighs more than the rest of the page: it comes after it.
const plots = {
  bars: dynamic(() => import('./bars-plot.tsx'), { ssr: false, loading: Placeholder }),
  area: dynamic(() => import('./area-plot.tsx'), { ssr: false, loading: Placeholder }),
}

/**
 * A chart over months, drawn once the page stands. To a screen reader it is one picture with a sentence for it; the numbers
 * stand in the table beside it, which is also what there is without scripts.
 */
export function MonthChart(props: {
  kind: keyof typeof plots
  description: string
  rows: readonly MonthRow[]
  series: readonly Series[]
}) {
  const { kind, description, rows, series } = props
  const Plot = plots[kind]
  return (
    <div
      role="img"
      aria-label={description}
      className="px-3 pb-3 noscript:hidden"
      style={{ minHeight: plotHeight }}
    >
      <Plot rows={rows} series={series} />
    </div>
  )
}
