'use client'

import { useId } from 'react'
import { Area, AreaChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { axisStyle } from './axis-style.ts'
import { PlotTooltip } from './plot-tooltip.tsx'
import { type MonthRow, plotHeight, type Series } from './series.ts'

/** A line chart of one amount over months. It is for amounts whose sum has no meaning, such as a monthly recurring revenue. */
export default function AreaPlot({ rows, series }: { rows: readonly MonthRow[]; series: readonly Series[] }) {
  const id = useId()
  return (
    <ResponsiveContainer width="100%" height={plotHeight}>
      <AreaChart data={[...rows]} margin={axisStyle.margin} accessibilityLayer={false}>
        <defs>
          <linearGradient id={id} x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stopColor="var(--accent)" stopOpacity={0.22} />
            <stop offset="1" stopColor="var(--accent)" stopOpacity={0} />
          </linearGradient>
        </defs>
        <CartesianGrid {...axisStyle.grid} />
        <XAxis {...axisStyle.month} padding={{ left: 8, right: 8 }} />
        <YAxis {...axisStyle.money} />
        <Tooltip
          cursor={{ stroke: 'var(--control)', strokeDasharray: '3 3' }}
          isAnimationActive={false}
          content={({ payload }) => <PlotTooltip row={payload[0]?.payload} series={series} />}
        />
        {series.map(({ key, colour }) => (
          <Area
            key={key}
            type="monotone"
            dataKey={(row: MonthRow) => row.amounts[key] ?? 0}
            stroke={colour}
            strokeWidth={2}
            fill={`url(#${id})`}
            activeDot={{ r: 4, stroke: 'var(--surface)', strokeWidth: 2 }}
            isAnimationActive={false}
          />
        ))}
      </AreaChart>
    </ResponsiveContainer>
  )
}
