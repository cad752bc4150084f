import { formatAxisMonth } from '../../billing/calendar.ts'
import { formatCompactMoney } from '../../billing/money.ts'

/** The style of the axes of every chart. */
export const axisStyle = {
  grid: { vertical: false, stroke: 'var(--line)' },
  month: {
    dataKey: 'month',
    tickFormatter: formatAxisMonth,
    tickLine: false,
    axisLine: false,
    tickMargin: 10,
    minTickGap: 6,
    tick: { fill: 'var(--faint)', fontSize: 12 },
  },
  money: {
    tickFormatter: (cents: number) => formatCompactMoney(cents),
    tickLine: false,
    axisLine: false,
    width: 56,
    tickCount: 5,
    tick: { fill: 'var(--faint)', fontSize: 12 },
  },
  margin: { top: 8, right: 4, bottom: 0, left: 0 },
} as const
