import type { Metadata } from 'next'
import { auth } from '../../../auth.ts'
import { parseCustomerFilter } from '../../../billing/customer-filter.ts'
import { listPlans } from '../../../billing/customers.ts'
import type { Query } from '../../../billing/query.ts'
import { CustomerFilterForm } from '../../../components/customer/customer-filter-form.tsx'
import { CustomerResults } from '../../../components/customer/customer-results.tsx'
import { FilterScope } from '../../../components/filter/filter-scope.tsx'
import { Streamed } from '../../../components/loading/streamed.tsx'
import { TableSkeleton } from '../../../components/loading/table-skeleton.tsx'
import { PageHeader } from '../../../components/shell/page-header.tsx'

export const metadata: Metadata = { title: 'Customers' }

export default async function CustomersPage({ searchParams }: { searchParams: Promise<Query> }) {
  await auth.require({ permission: 'customer:read' })
  const filter = parseCustomerFilter(await searchParams)
  const plans = await listPlans()
  return (
    <>
      <PageHeader title="Customers" note="Active, trial and former customers." />
      <FilterScope>
        <CustomerFilterForm filter={filter} plans={plans} />
        <Streamed path="/customers" fallback={<TableSkeleton />}>
          <CustomerResults filter={filter} />
        </Streamed>
      </FilterScope>
    </>
  )
}
