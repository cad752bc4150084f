import type { Metadata } from 'next'
import { auth } from '../../../auth.ts'
import type { Query } from '../../../billing/query.ts'
import { parseReportSpan } from '../../../billing/reports.ts'
import { CardsSkeleton } from '../../../components/loading/cards-skeleton.tsx'
import { Streamed } from '../../../components/loading/streamed.tsx'
import { RevenueReport } from '../../../components/report/revenue-report.tsx'
import { SpanLinks } from '../../../components/report/span-links.tsx'
import { PageHeader } from '../../../components/shell/page-header.tsx'

export const metadata: Metadata = { title: 'Reports' }

export default async function ReportsPage({ searchParams }: { searchParams: Promise<Query> }) {
  await auth.require({ role: ['owner', 'finance'] })
  const span = parseReportSpan(await searchParams)
  return (
    <>
      <PageHeader
        title="Reports"
        note="Recurring revenue, new customers and lost customers."
        actions={<SpanLinks span={span} />}
      />
      <Streamed path="/reports" fallback={<CardsSkeleton />}>
        <RevenueReport span={span} />
      </Streamed>
    </>
  )
}
