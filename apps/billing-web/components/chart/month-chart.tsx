'use client'

import dynamic from 'next/dynamic'
import { type MonthRow, plotHeight, type Series } from './series.ts'

function Placeholder() {
  return <div className="skeleton" style={{ height: plotHeight }} />
}

// The chart library is larger than the rest of the page, so it is loaded after the page.
const plots = {
  bars: dynamic(() => import('./bars-plot.tsx'), { ssr: false, loading: Placeholder }),
  area: dynamic(() => import('./area-plot.tsx'), { ssr: false, loading: Placeholder }),
}

/**
 * A chart over months. It is drawn after the page is shown. For a screen reader, it is one image with a description. The numbers are in the
 * table beside it, which also works without scripts.
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
