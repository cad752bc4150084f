import type { Metadata } from 'next'
import { auth } from '../../../auth.ts'
import { Overview } from '../../../components/dashboard/overview.tsx'
import { NewInvoiceLink } from '../../../components/invoice/new-invoice-link.tsx'
import { CardsSkeleton } from '../../../components/loading/cards-skeleton.tsx'
import { Streamed } from '../../../components/loading/streamed.tsx'
import { PageHeader } from '../../../components/shell/page-header.tsx'
import { Can } from '../../../session/client-access.ts'

export const metadata: Metadata = { title: 'Dashboard' }

export default async function DashboardPage() {
  await auth.require({ permission: 'invoice:read' })
  return (
    <>
      <PageHeader
        title="Dashboard"
        note="Billing today."
        actions={
          <Can permission="invoice:write">
            <NewInvoiceLink />
          </Can>
        }
      />
      <Streamed path="/dashboard" fallback={<CardsSkeleton />}>
        <Overview />
      </Streamed>
    </>
  )
}
