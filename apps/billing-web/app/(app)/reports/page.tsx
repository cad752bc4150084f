import type { Metadata } from 'next'
import { auth } from '../../../auth.ts'
import { type Query, queryValue } from '../../../billing/query.ts'
import { exportAddress, parseReportSpan } from '../../../billing/reports.ts'
import { CardsSkeleton } from '../../../components/loading/cards-skeleton.tsx'
import { Streamed } from '../../../components/loading/streamed.tsx'
import { RevenueReport } from '../../../components/report/revenue-report.tsx'
import { SpanLinks } from '../../../components/report/span-links.tsx'
import { PageHeader } from '../../../components/shell/page-header.tsx'
import { linkStyle } from '../../../components/surface/link-style.ts'
import { Done } from '../../../components/surface/notice.tsx'

export const metadata: Metadata = { title: 'Reports' }

export default async function ReportsPage({ searchParams }: { searchParams: Promise<Query> }) {
  await auth.require({ permission: 'report:read' })
  const query = await searchParams
  const span = parseReportSpan(query)
  const isConfirmed = queryValue(query, 'download') !== ''
  return (
    <>
      {/* The browser starts the download, also without scripts, and this page stays. */}
      {isConfirmed && <meta httpEquiv="refresh" content={`0;url=${exportAddress(span)}`} />}
      <PageHeader
        title="Reports"
        note="Recurring revenue, new customers and lost customers."
        actions={<SpanLinks span={span} />}
      />
      {isConfirmed && (
        <div className="mb-5">
          <Done>
            Thank you. The download starts now. If it does not,{' '}
            <a href={exportAddress(span)} className={linkStyle}>
              download the report
            </a>
            .
          </Done>
        </div>
      )}
      <Streamed path="/reports" fallback={<CardsSkeleton />}>
        <RevenueReport span={span} />
      </Streamed>
    </>
  )
}
