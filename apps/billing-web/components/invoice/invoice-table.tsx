import Link from 'next/link'
import type { InvoiceSummary } from '../../billing/invoice.ts'
import { type InvoiceFilter, type InvoiceSort, invoicesAddress } from '../../billing/invoice-filter.ts'
import { formatMoney } from '../../billing/money.ts'
import { SortHeading } from '../filter/sort-heading.tsx'
import { Day } from '../surface/day.tsx'
import { tableStyle } from '../surface/table-style.ts'
import { StatusBadge } from './status-badge.tsx'

/** Which columns are shown. `brief` omits the days and is for narrow places. `oneCustomer` omits the customer. */
type Columns = 'all' | 'brief' | 'oneCustomer'

/** A table of invoices. On a phone, the customer is below the number. If a filter is given, the list can be sorted by the columns. */
export function InvoiceTable(props: {
  caption: string
  items: readonly InvoiceSummary[]
  columns?: Columns
  filter?: InvoiceFilter
}) {
  const { caption, items, columns = 'all', filter } = props
  const hasCustomer = columns !== 'oneCustomer'
  const hasDays = columns !== 'brief'
  return (
    <table className={tableStyle.table}>
      <caption className="sr-only">{caption}</caption>
      <thead className={tableStyle.head}>
        <tr>
          <Heading label="Invoice" column="number" filter={filter} className={hasCustomer ? 'sm:w-40' : ''} />
          {hasCustomer && (
            <th scope="col" className={`${tableStyle.heading} hidden sm:table-cell`}>
              Customer
            </th>
          )}
          <th scope="col" className={`${tableStyle.heading} w-24 sm:w-30`}>
            Status
          </th>
          {hasDays && (
            <>
              <Heading
                label="Issued"
                column="issuedAt"
                filter={filter}
                className="hidden w-32 md:table-cell"
              />
              <Heading label="Due" column="dueAt" filter={filter} className="hidden w-32 xl:table-cell" />
            </>
          )}
          <Heading label="Amount" column="amount" filter={filter} className="w-24 text-right sm:w-32" />
        </tr>
      </thead>
      <tbody>
        {items.map((invoice) => (
          <Row key={invoice.id} invoice={invoice} hasCustomer={hasCustomer} hasDays={hasDays} />
        ))}
      </tbody>
    </table>
  )
}

function Row(props: { invoice: InvoiceSummary; hasCustomer: boolean; hasDays: boolean }) {
  const { invoice, hasCustomer, hasDays } = props
  const { id, number, status, company, customerName, currency, amountCents, issuedAtMs, dueAtMs } = invoice
  return (
    <tr className={tableStyle.row}>
      <td className={tableStyle.cell}>
        <Link
          href={`/invoices/${id}`}
          prefetch={false}
          className="whitespace-nowrap font-medium after:absolute after:inset-0"
        >
          {number}
        </Link>
        {hasCustomer && (
          <span className="line-clamp-1 text-[0.8125rem] text-soft sm:hidden">{company || customerName}</span>
        )}
      </td>
      {hasCustomer && (
        <td className={`${tableStyle.cell} hidden sm:table-cell`}>
          <span className="block truncate">{company || customerName}</span>
          {company && <span className="block truncate text-[0.8125rem] text-soft">{customerName}</span>}
        </td>
      )}
      <td className={tableStyle.cell}>
        <StatusBadge status={status} />
      </td>
      {hasDays && (
        <>
          <td className={`${tableStyle.cell} hidden whitespace-nowrap text-soft md:table-cell`}>
            <Day timeMs={issuedAtMs} />
          </td>
          <td
            className={`${tableStyle.cell} hidden whitespace-nowrap xl:table-cell ${status === 'overdue' ? 'text-bad-text' : 'text-soft'}`}
          >
            <Day timeMs={dueAtMs} />
          </td>
        </>
      )}
      <td
        className={`${tableStyle.cell} whitespace-nowrap text-right font-medium ${status === 'void' ? 'text-faint line-through' : ''}`}
      >
        {formatMoney(amountCents, currency)}
      </td>
    </tr>
  )
}

const sortable = {
  number: { rising: 'number', falling: '-number', first: '-number' },
  issuedAt: { rising: 'issuedAt', falling: '-issuedAt', first: '-issuedAt' },
  dueAt: { rising: 'dueAt', falling: '-dueAt', first: 'dueAt' },
  amount: { rising: 'amount', falling: '-amount', first: '-amount' },
} as const satisfies Record<string, Record<'rising' | 'falling' | 'first', InvoiceSort>>

function Heading(props: {
  label: string
  column: keyof typeof sortable
  filter: InvoiceFilter | undefined
  className?: string
}) {
  const { label, column, filter, className = '' } = props
  if (!filter) {
    return (
      <th scope="col" className={`${tableStyle.heading} ${className}`}>
        {label}
      </th>
    )
  }
  return (
    <SortHeading<InvoiceSort>
      label={label}
      {...sortable[column]}
      sort={filter.sort}
      addressFor={(sort) => invoicesAddress({ ...filter, sort, page: 1 })}
      className={className}
    />
  )
}
