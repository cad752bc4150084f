import { formatMonth } from '../../billing/calendar.ts'
import { formatMoney, formatRoundMoney } from '../../billing/money.ts'
import type { Summary } from '../../billing/summary.ts'
import { FiguresTable } from '../chart/figures-table.tsx'
import { MonthChart } from '../chart/month-chart.tsx'
import { colours } from '../chart/series.ts'
import { Section } from '../surface/section.tsx'

const series = [{ key: 'paid', name: 'Payments received', colour: colours.accent }]

/** The payments that were received in each month. */
export function RevenueSection({ months }: { months: Summary['revenueByMonth'] }) {
  const total = months.reduce((sum, { amountCents }) => sum + amountCents, 0)
  const rows = months.map(({ month, amountCents }, index) => ({
    month,
    amounts: { paid: amountCents },
    ...(index === months.length - 1 && { fill: colours.quiet }),
  }))
  return (
    <Section
      title="Payments received"
      note={`${formatRoundMoney(total)} in the last ${months.length} months, including this month so far`}
    >
      <MonthChart kind="bars" description={describe(months)} rows={rows} series={series} />
      <FiguresTable
        caption="Payments received by month"
        columns={['Payments received']}
        rows={months.map(({ month, amountCents }) => ({ month, cells: [formatMoney(amountCents)] }))}
      />
    </Section>
  )
}

function describe(months: Summary['revenueByMonth']): string {
  const [first, last] = [months[0], months.at(-1)]
  if (!first || !last) return 'No payments yet.'
  const best = months.reduce((one, other) => (other.amountCents > one.amountCents ? other : one))
  return (
    `Bar chart of the payments received by month, from ${formatMonth(first.month)} (${formatRoundMoney(first.amountCents)}) ` +
    `to ${formatMonth(last.month)} (${formatRoundMoney(last.amountCents)} so far). ` +
    `The best month was ${formatMonth(best.month)} with ${formatRoundMoney(best.amountCents)}.`
  )
}
