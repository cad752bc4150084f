import Link from 'next/link'
import { listLongestOverdue } from '../../billing/invoices.ts'
import { readSummary } from '../../billing/read-summary.ts'
import { InvoiceTable } from '../invoice/invoice-table.tsx'
import { buttonStyle } from '../surface/button-style.ts'
import { Section } from '../surface/section.tsx'
import { LiveFigures } from './live-figures.tsx'
import { LongestOverdue } from './longest-overdue.tsx'
import { RevenueSection } from './revenue-section.tsx'

/** The overview of the dashboard. */
export async function Overview() {
  const [summary, overdue] = await Promise.all([readSummary(), listLongestOverdue(5)])
  const nowMs = Date.now()
  return (
    <div className="space-y-6">
      <LiveFigures initial={{ summary, atMs: nowMs }} />
      <RevenueSection months={summary.revenueByMonth} />
      <div className="grid gap-6 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Section
          title="Recent invoices"
          action={<AllOf href="/invoices">All invoices</AllOf>}
          className="overflow-hidden"
        >
          <InvoiceTable caption="Recent invoices" items={summary.recentInvoices} columns="brief" />
        </Section>
        <Section
          title="Longest overdue"
          action={<AllOf href="/invoices?status=overdue&sort=dueAt">All overdue</AllOf>}
          className="overflow-hidden"
        >
          <LongestOverdue items={overdue} nowMs={nowMs} />
        </Section>
      </div>
    </div>
  )
}

function AllOf({ href, children }: { href: string; children: string }) {
  return (
    <Link href={href} prefetch={false} className={`${buttonStyle('quiet', 'small')} -mr-2.5`}>
      {children}
    </Link>
  )
}
