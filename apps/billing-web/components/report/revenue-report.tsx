import { formatRoundMoney } from '../../billing/money.ts'
import { formatRate } from '../../billing/rate.ts'
import { type ReportSpan, readRevenueReport } from '../../billing/reports.ts'
import { Change } from '../figure/change.tsx'
import { Figure, FigurePanel } from '../figure/figure-panel.tsx'
import { ByPlan } from './by-plan.tsx'
import { MonthsTable } from './months-table.tsx'
import { MovementSection } from './movement-section.tsx'
import { MrrSection } from './mrr-section.tsx'

/** The report of recurring revenue over some months. */
export async function RevenueReport({ span }: { span: ReportSpan }) {
  const report = await readRevenueReport(span)
  return (
    <div className="space-y-6">
      <section aria-labelledby="report-figures">
        <h2 id="report-figures" className="sr-only">
          Key figures
        </h2>
        <FigurePanel columns={4}>
          <Figure label="Monthly recurring revenue" value={formatRoundMoney(report.mrrCents)}>
            <Change fraction={report.growthRate} />
            <span>in {span} months</span>
          </Figure>
          <Figure label="Annual recurring revenue" value={formatRoundMoney(report.arrCents)}>
            Twelve times the monthly revenue
          </Figure>
          <Figure label="Churn rate" value={formatRate(report.churnRate)}>
            of customers in an average month
          </Figure>
          <Figure label="Revenue per customer" value={formatRoundMoney(report.revenuePerCustomerCents)}>
            a month, on average
          </Figure>
        </FigurePanel>
      </section>
      <MrrSection months={report.months} />
      <div className="grid gap-6 xl:grid-cols-2">
        <MovementSection months={report.months} />
        <ByPlan plans={report.byPlan} />
      </div>
      <MonthsTable months={report.months} />
    </div>
  )
}
