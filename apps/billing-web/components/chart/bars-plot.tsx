'use client'

import {
  Bar,
  BarChart,
  CartesianGrid,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import { axisStyle } from './axis-style.ts'
import { PlotTooltip } from './plot-tooltip.tsx'
import { type MonthRow, plotHeight, type Series } from './series.ts'

/** A bar chart with an amount for each month. Negative amounts are below the axis. */
export default function BarsPlot({ rows, series }: { rows: readonly MonthRow[]; series: readonly Series[] }) {
  return (
    <ResponsiveContainer width="100%" height={plotHeight}>
      <BarChart
        data={[...rows]}
        margin={axisStyle.margin}
        barCategoryGap="28%"
        stackOffset="sign"
        accessibilityLayer={false}
      >
        <CartesianGrid {...axisStyle.grid} />
        <XAxis {...axisStyle.month} />
        <YAxis {...axisStyle.money} />
        {series.length > 1 && <ReferenceLine y={0} stroke="var(--control)" />}
        <Tooltip
          cursor={{ fill: 'var(--sunken)' }}
          isAnimationActive={false}
          content={({ payload }) => <PlotTooltip row={payload[0]?.payload} series={series} />}
        />
        {series.map(({ key, colour }) => (
          <Bar
            key={key}
            stackId="month"
            dataKey={(row: MonthRow) => row.amounts[key] ?? 0}
            fill={colour}
            radius={[4, 4, 0, 0]}
            maxBarSize={40}
            isAnimationActive={false}
          />
        ))}
      </BarChart>
    </ResponsiveContainer>
  )
}
