import { Download } from 'lucide-react'
import Link from 'next/link'
import { exportAddress, type ReportSpan, reportAddress, reportSpans } from '../../billing/reports.ts'
import { buttonStyle } from '../surface/button-style.ts'

/** Links for the number of months, and for the report as a file. */
export function SpanLinks({ span }: { span: ReportSpan }) {
  return (
    <>
      <nav aria-label="Period" className="flex h-9 gap-0.5 rounded-lg bg-track p-0.5">
        {reportSpans.map((months) => (
          <Link
            key={months}
            href={reportAddress(months)}
            prefetch={false}
            replace
            scroll={false}
            aria-current={months === span ? 'page' : undefined}
            className="flex items-center rounded-md px-3 text-soft hover:text-ink aria-[current]:bg-thumb aria-[current]:font-medium aria-[current]:text-ink aria-[current]:shadow-sm"
          >
            {months} months
          </Link>
        ))}
      </nav>
      {/* The link has no `download` attribute, because the response may be the confirm page, which the browser must show. */}
      <a href={exportAddress(span)} className={buttonStyle('secondary')}>
        <Download aria-hidden className="size-4" />
        Export CSV
      </a>
    </>
  )
}
