import { CircleCheck } from 'lucide-react'
import Link from 'next/link'
import { daysBetween } from '../../billing/calendar.ts'
import type { InvoiceSummary } from '../../billing/invoice.ts'
import { formatMoney } from '../../billing/money.ts'
import { formatCount } from '../../billing/rate.ts'
import { EmptyState } from '../surface/empty-state.tsx'

/** The invoices that have been overdue for the longest time. */
export function LongestOverdue({ items, nowMs }: { items: readonly InvoiceSummary[]; nowMs: number }) {
  if (items.length === 0)
    return (
      <EmptyState Icon={CircleCheck} title="Nothing is overdue">
        All customers have paid on time.
      </EmptyState>
    )
  return (
    <ul className="border-line border-t">
      {items.map(({ id, number, company, customerName, currency, amountCents, dueAtMs }) => (
        <li
          key={id}
          className="relative flex h-14.5 items-center justify-between gap-4 border-line border-b px-5 last:border-b-0 hover:bg-canvas"
        >
          <div className="min-w-0">
            <Link
              href={`/invoices/${id}`}
              prefetch={false}
              className="block truncate font-medium after:absolute after:inset-0"
            >
              {company || customerName}
            </Link>
            <p className="truncate text-[0.8125rem] text-soft">{number}</p>
          </div>
          <div className="numeric shrink-0 text-right">
            <p className="font-medium">{formatMoney(amountCents, currency)}</p>
            <p className="text-[0.8125rem] text-bad-text">
              {formatCount(daysBetween(dueAtMs, nowMs), 'day', 'days')} late
            </p>
          </div>
        </li>
      ))}
    </ul>
  )
}
