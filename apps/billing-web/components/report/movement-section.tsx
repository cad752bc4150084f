import { formatRoundMoney } from '../../billing/money.ts'
import type { RevenueMonth } from '../../billing/reports.ts'
import { Legend } from '../chart/legend.tsx'
import { MonthChart } from '../chart/month-chart.tsx'
import { colours } from '../chart/series.ts'
import { Section } from '../surface/section.tsx'

const series = [
  { key: 'new', name: 'From new customers', colour: colours.accent },
  { key: 'lost', name: 'Lost with customers who left', colour: colours.quiet },
]

/** The revenue from new customers, and the revenue that was lost because customers left. */
export function MovementSection({ months }: { months: readonly RevenueMonth[] }) {
  const sum = (field: 'newMrrCents' | 'lostMrrCents') =>
    months.reduce((total, month) => total + month[field], 0)
  return (
    <Section title="New and lost revenue" note="Change of the monthly recurring revenue">
      <MonthChart
        kind="bars"
        description={
          `Bar chart of new and lost recurring revenue by month: ${formatRoundMoney(sum('newMrrCents'))} came from new customers, ` +
          `${formatRoundMoney(sum('lostMrrCents'))} was lost with customers who left. The numbers are in the table below.`
        }
        rows={months.map(({ month, newMrrCents, lostMrrCents }) => ({
          month,
          amounts: { new: newMrrCents, lost: -lostMrrCents },
        }))}
        series={series}
      />
      <Legend series={series} />
    </Section>
  )
}
