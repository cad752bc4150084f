import { redirect } from 'next/navigation'
import { auth } from '../../../../auth.ts'
import { parseReportSpan, reportAddress, reportFile } from '../../../../billing/reports.ts'
import { confirmedWithinSeconds } from '../../../../components/form/confirm-identity.ts'

/**
 * Redirects to the revenue report as a file. If the user has entered the password too long ago, redirects to the confirm page first. From
 * there, the user returns to the report, and the download starts.
 */
export async function GET(request: Request): Promise<Response> {
  const span = parseReportSpan(Object.fromEntries(new URL(request.url).searchParams))
  await auth.require({
    permission: 'report:read',
    maxAgeSeconds: confirmedWithinSeconds,
    returnTo: reportAddress(span, { download: true }),
  })
  redirect(reportFile(span))
}
