import { X } from 'lucide-react'
import Link from 'next/link'
import { findCustomer } from '../../billing/customers.ts'
import { type InvoiceFilter, invoicesAddress } from '../../billing/invoice-filter.ts'

/** Shows that the list has only the invoices of one customer. It has a button that removes this filter. */
export async function CustomerChip({ filter }: { filter: InvoiceFilter }) {
  if (filter.customerId === null) return null
  const customer = await findCustomer(filter.customerId)
  return (
    <p className="mb-4">
      <Link
        href={invoicesAddress({ ...filter, customerId: null, page: 1 })}
        prefetch={false}
        className="inline-flex h-8 items-center gap-1.5 rounded-full bg-accent-tint pr-2.5 pl-3.5 text-accent-text text-[0.8125rem]"
      >
        <span className="sr-only">Remove the filter: </span>
        {customer ? customer.company || customer.name : 'Unknown customer'}
        <X aria-hidden className="size-3.5" />
      </Link>
    </p>
  )
}
