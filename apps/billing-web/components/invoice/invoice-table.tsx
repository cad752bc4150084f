import Link from 'next/link'
import type { InvoiceSummary } from '../../billing/invoice.ts'
import { type InvoiceFilter, type InvoiceSort, invoicesAddress } from '../../billing/invoice-filter.ts'
import { formatMoney } from '../../billing/money.ts'
import { SortHeading } from '../filter/sort-heading.tsx'
import { Day } from '../surface/day.tsx'
import { tableStyle } from '../surface/table-style.ts'
import { StatusBadge } from './status-badge.tsx'

/** Invoices, one a row; on a phone the customer moves below the number. With a filter, its headings sort. */
export function InvoiceTable(props: {
  caption: string
  items: readonly InvoiceSummary[]
  filter?: InvoiceFilter
}) {
  const { caption, items, filter } = props
  return (
    <table className={tableStyle.table}>
      <caption className="sr-only">{caption}</caption>
      <thead className={tableStyle.head}>
        <tr>
          <Heading label="Invoice" column="number" filter={filter} />
          <th scope="col" className={`${tableStyle.heading} hidden sm:table-cell`}>
            Customer
          </th>
          <th scope="col" className={tableStyle.heading}>
            Status
          </th>
          <Heading label="Issued" column="issuedAt" filter={filter} className="hidden md:table-cell" />
          <Heading label="Due" column="dueAt" filter={filter} className="hidden xl:table-cell" />
          <Heading label="Amount" column="amount" filter={filter} className="text-right" />
        </tr>
      </thead>
      <tbody>
        {items.map((invoice) => (
          <Row key={invoice.id} invoice={invoice} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ invoice }: { invoice: InvoiceSummary }) {
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
        <span className="line-clamp-1 text-[0.8125rem] text-soft sm:hidden">{company || customerName}</span>
      </td>
      <td className={`${tableStyle.cell} hidden max-w-56 sm:table-cell`}>
        <span className="block truncate">{company || customerName}</span>
        {company && <span className="block truncate text-[0.8125rem] text-soft">{customerName}</span>}
      </td>
      <td className={tableStyle.cell}>
        <StatusBadge status={status} />
      </td>
      <td className={`${tableStyle.cell} hidden whitespace-nowrap text-soft md:table-cell`}>
        <Day timeMs={issuedAtMs} />
      </td>
      <td
        className={`${tableStyle.cell} hidden whitespace-nowrap xl:table-cell ${status === 'overdue' ? 'text-bad-text' : 'text-soft'}`}
      >
        <Day timeMs={dueAtMs} />
      </td>
      <td
        className={`${tableStyle.cell} whitespace-nowrap text-right font-medium ${status === 'void' ? 'text-faint line-through' : ''}`}
      >
        {formatMoney(amountCents, currency)}
      </td>
    </tr>
  )
}

const columns = {
  number: { rising: 'number', falling: '-number', first: '-number' },
  issuedAt: { rising: 'issuedAt', falling: '-issuedAt', first: '-issuedAt' },
  dueAt: { rising: 'dueAt', falling: '-dueAt', first: 'dueAt' },
  amount: { rising: 'amount', falling: '-amount', first: '-amount' },
} as const satisfies Record<string, Record<'rising' | 'falling' | 'first', InvoiceSort>>

function Heading(props: {
  label: string
  column: keyof typeof columns
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
      {...columns[column]}
      sort={filter.sort}
      addressFor={(sort) => invoicesAddress({ ...filter, sort, page: 1 })}
      className={className}
    />
  )
}
