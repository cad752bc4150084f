import { formatMonth } from '../../billing/calendar.ts'
import { formatRoundMoney } from '../../billing/money.ts'
import type { RevenueMonth } from '../../billing/reports.ts'
import { MonthChart } from '../chart/month-chart.tsx'
import { colours } from '../chart/series.ts'
import { Section } from '../surface/section.tsx'

const series = [{ key: 'mrr', name: 'Recurring revenue', colour: colours.accent }]

/** The recurring revenue over time. */
export function MrrSection({ months }: { months: readonly RevenueMonth[] }) {
  const [first, last] = [months[0], months.at(-1)]
  const description =
    first && last
      ? `Line chart of monthly recurring revenue: ${formatRoundMoney(first.mrrCents)} at the end of ${formatMonth(first.month)}, ` +
        `${formatRoundMoney(last.mrrCents)} now. The numbers are in the table below.`
      : 'No months yet.'
  return (
    <Section title="Monthly recurring revenue" note="At the end of each month">
      <MonthChart
        kind="area"
        description={description}
        rows={months.map(({ month, mrrCents }) => ({ month, amounts: { mrr: mrrCents } }))}
        series={series}
      />
    </Section>
  )
}
