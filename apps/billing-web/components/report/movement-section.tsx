import { formatRoundMoney } from '../../billing/money.ts'
import type { RevenueMonth } from '../../billing/reports.ts'
import { Legend } from '../chart/legend.tsx'
import { MonthChart } from '../chart/month-chart.tsx'
import { colours } from '../chart/series.ts'
import { Section } from '../surface/section.tsx'

const series = [
  { key: 'new', name: 'From new customers', colour: colours.accent },
  { key: 'lost', name: 'Lost with those who left', colour: colours.quiet },
]

/** What came with new customers, and what went with those who left. */
export function MovementSection({ months }: { months: readonly RevenueMonth[] }) {
  const sum = (field: 'newMrrCents' | 'lostMrrCents') =>
    months.reduce((total, month) => total + month[field], 0)
  return (
    <Section title="Won and lost" note="Recurring revenue a month">
      <MonthChart
        kind="bars"
        description={
          `Bar chart of recurring revenue won and lost by month: ${formatRoundMoney(sum('newMrrCents'))} came with new customers, ` +
          `${formatRoundMoney(sum('lostMrrCents'))} went with those who left. The numbers are in the table below.`
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
