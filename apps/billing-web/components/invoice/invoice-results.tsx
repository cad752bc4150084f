import { Download, SearchX } from 'lucide-react'
import Link from 'next/link'
import {
  type InvoiceFilter,
  invoiceParameters,
  invoicesAddress,
  isNarrowed,
} from '../../billing/invoice-filter.ts'
import { listInvoices } from '../../billing/invoices.ts'
import { formatMoney } from '../../billing/money.ts'
import { addressOf } from '../../billing/query.ts'
import { formatCount } from '../../billing/rate.ts'
import { FilterResults } from '../filter/filter-results.tsx'
import { Paging } from '../filter/paging.tsx'
import { buttonStyle } from '../surface/button-style.ts'
import { EmptyState } from '../surface/empty-state.tsx'
import { InvoiceTable } from './invoice-table.tsx'

/** One page of the matching invoices. */
export async function InvoiceResults({ filter }: { filter: InvoiceFilter }) {
  const { items, page, pageSize, total, totalCents } = await listInvoices(filter)
  const { page: _, ...parameters } = invoiceParameters(filter)
  const addressFor = (wanted: number) => invoicesAddress({ ...filter, page: wanted })
  return (
    <FilterResults>
      <div className="card overflow-hidden">
        <div className="flex min-h-14 items-center justify-between gap-4 px-5 py-2.5">
          <p role="status" className="text-soft">
            <span className="font-medium text-ink">{formatCount(total, 'invoice', 'invoices')}</span>
            {total > 0 && <span className="numeric"> · {formatMoney(totalCents)}</span>}
          </p>
          {total > 0 && (
            <a
              href={addressOf('/api/invoices.csv', parameters)}
              download
              className={`${buttonStyle('quiet', 'small')} -mr-2.5`}
            >
              <Download aria-hidden className="size-4" />
              Export CSV
            </a>
          )}
        </div>
        {items.length > 0 ? (
          <>
            <InvoiceTable caption="Invoices" items={items} filter={filter} />
            <Paging page={page} pageSize={pageSize} total={total} addressFor={addressFor} />
          </>
        ) : (
          <Nothing filter={filter} total={total} />
        )}
      </div>
    </FilterResults>
  )
}

function Nothing({ filter, total }: { filter: InvoiceFilter; total: number }) {
  const isPastTheEnd = total > 0
  const to = isPastTheEnd ? invoicesAddress({ ...filter, page: 1 }) : '/invoices'
  const action = (
    <Link href={to} className={buttonStyle('secondary')}>
      {isPastTheEnd ? 'Go to the first page' : 'Clear all filters'}
    </Link>
  )
  return (
    <div className="border-line border-t">
      <EmptyState
        Icon={SearchX}
        title={isPastTheEnd ? 'This page does not exist' : 'No invoice matches'}
        action={isPastTheEnd || isNarrowed(filter) ? action : undefined}
      >
        {isPastTheEnd
          ? 'The list has fewer pages.'
          : 'Try a shorter search, another status or a longer period.'}
      </EmptyState>
    </div>
  )
}
