import { formatMonth } from '../../billing/calendar.ts'
import { formatRoundMoney } from '../../billing/money.ts'
import { formatRate } from '../../billing/rate.ts'
import type { RevenueMonth } from '../../billing/reports.ts'
import { Section } from '../surface/section.tsx'
import { tableStyle } from '../surface/table-style.ts'

const columns = ['Recurring', 'Won', 'Lost', 'Churn', 'Customers', 'Received', 'Refunded'] as const

/** The report as a table. The newest month is first. */
export function MonthsTable({ months }: { months: readonly RevenueMonth[] }) {
  return (
    <Section title="Month by month" className="overflow-hidden">
      <section
        aria-label="Month by month, in numbers"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the table scrolls sideways, so users of the keyboard must be able to focus it
        tabIndex={0}
        className="relative overflow-x-auto"
      >
        <table className={`${tableStyle.table} min-w-[52rem]`}>
          <caption className="sr-only">Recurring revenue, churn and payments by month</caption>
          <thead className={tableStyle.head}>
            <tr>
              <th scope="col" className={`${tableStyle.heading} sticky left-0 w-44 bg-canvas`}>
                Month
              </th>
              {columns.map((column) => (
                <th key={column} scope="col" className={`${tableStyle.heading} text-right`}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {months.toReversed().map((month) => (
              <tr key={month.month} className="border-line border-b last:border-b-0">
                <th
                  scope="row"
                  className="sticky left-0 h-11 whitespace-nowrap bg-surface pr-3 pl-5 font-medium"
                >
                  {formatMonth(month.month)}
                </th>
                {cellsOf(month).map((cell, index) => (
                  <td key={columns[index]} className="h-11 px-3 text-right text-soft last:pr-5">
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Section>
  )
}

function cellsOf(month: RevenueMonth): string[] {
  return [
    formatRoundMoney(month.mrrCents),
    formatRoundMoney(month.newMrrCents),
    formatRoundMoney(month.lostMrrCents),
    formatRate(month.churnRate),
    month.customers.toLocaleString('en-US'),
    formatRoundMoney(month.revenueCents),
    formatRoundMoney(month.refundsCents),
  ]
}
