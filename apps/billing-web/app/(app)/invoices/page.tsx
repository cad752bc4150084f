import type { Metadata } from 'next'
import { auth } from '../../../auth.ts'
import { parseInvoiceFilter } from '../../../billing/invoice-filter.ts'
import type { Query } from '../../../billing/query.ts'
import { FilterScope } from '../../../components/filter/filter-scope.tsx'
import { CustomerChip } from '../../../components/invoice/customer-chip.tsx'
import { InvoiceFilterForm } from '../../../components/invoice/invoice-filter-form.tsx'
import { InvoiceResults } from '../../../components/invoice/invoice-results.tsx'
import { NewInvoiceLink } from '../../../components/invoice/new-invoice-link.tsx'
import { Streamed } from '../../../components/loading/streamed.tsx'
import { TableSkeleton } from '../../../components/loading/table-skeleton.tsx'
import { PageHeader } from '../../../components/shell/page-header.tsx'
import { Can } from '../../../session/client-access.ts'

export const metadata: Metadata = { title: 'Invoices' }

export default async function InvoicesPage({ searchParams }: { searchParams: Promise<Query> }) {
  await auth.require({ permission: 'invoice:read' })
  const filter = parseInvoiceFilter(await searchParams)
  return (
    <>
      <PageHeader
        title="Invoices"
        note="All invoices: open, paid, overdue and void."
        actions={
          <Can permission="invoice:write">
            <NewInvoiceLink />
          </Can>
        }
      />
      <FilterScope>
        <InvoiceFilterForm filter={filter} />
        <Streamed path="/invoices" fallback={<TableSkeleton />}>
          <CustomerChip filter={filter} />
          <InvoiceResults filter={filter} />
        </Streamed>
      </FilterScope>
    </>
  )
}
