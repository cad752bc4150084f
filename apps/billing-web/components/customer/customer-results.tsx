import { SearchX } from 'lucide-react'
import Link from 'next/link'
import { type CustomerFilter, customersAddress, isNarrowed } from '../../billing/customer-filter.ts'
import { listCustomers } from '../../billing/customers.ts'
import { formatCount } from '../../billing/rate.ts'
import { FilterResults } from '../filter/filter-results.tsx'
import { Paging } from '../filter/paging.tsx'
import { buttonStyle } from '../surface/button-style.ts'
import { EmptyState } from '../surface/empty-state.tsx'
import { CustomerTable } from './customer-table.tsx'

/** One page of the matching customers. */
export async function CustomerResults({ filter }: { filter: CustomerFilter }) {
  const { items, page, pageSize, total } = await listCustomers(filter)
  const isPastTheEnd = total > 0 && items.length === 0
  return (
    <FilterResults>
      <div className="card overflow-hidden">
        <p role="status" className="flex min-h-14 items-center px-5 py-2.5 font-medium">
          {formatCount(total, 'customer', 'customers')}
        </p>
        {items.length > 0 ? (
          <>
            <CustomerTable items={items} filter={filter} />
            <Paging
              page={page}
              pageSize={pageSize}
              total={total}
              addressFor={(wanted) => customersAddress({ ...filter, page: wanted })}
            />
          </>
        ) : (
          <div className="border-line border-t">
            <EmptyState
              Icon={SearchX}
              title={isPastTheEnd ? 'This page does not exist' : 'No customer matches'}
              action={
                (isPastTheEnd || isNarrowed(filter)) && (
                  <Link
                    href={isPastTheEnd ? customersAddress({ ...filter, page: 1 }) : '/customers'}
                    className={buttonStyle('secondary')}
                  >
                    {isPastTheEnd ? 'Go to the first page' : 'Clear all filters'}
                  </Link>
                )
              }
            >
              {isPastTheEnd
                ? 'The list has fewer pages.'
                : 'Try a shorter search, another plan or another status.'}
            </EmptyState>
          </div>
        )}
      </div>
    </FilterResults>
  )
}
