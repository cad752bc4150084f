import Link from 'next/link'
import type { Customer } from '../../billing/customer.ts'
import { type CustomerFilter, type CustomerSort, customersAddress } from '../../billing/customer-filter.ts'
import { formatMoney } from '../../billing/money.ts'
import { SortHeading } from '../filter/sort-heading.tsx'
import { Day } from '../surface/day.tsx'
import { tableStyle } from '../surface/table-style.ts'
import { StatusBadge } from './status-badge.tsx'

/** A table of customers with sortable columns. */
export function CustomerTable({ items, filter }: { items: readonly Customer[]; filter: CustomerFilter }) {
  const sorting = {
    sort: filter.sort,
    addressFor: (sort: CustomerSort) => customersAddress({ ...filter, sort, page: 1 }),
  }
  return (
    <table className={tableStyle.table}>
      <caption className="sr-only">Customers</caption>
      <thead className={tableStyle.head}>
        <tr>
          <SortHeading label="Customer" rising="name" falling="-name" first="name" {...sorting} />
          <th scope="col" className={`${tableStyle.heading} hidden lg:table-cell`}>
            Email
          </th>
          <th scope="col" className={`${tableStyle.heading} w-24 sm:w-30`}>
            Status
          </th>
          <th scope="col" className={`${tableStyle.heading} hidden w-28 sm:table-cell`}>
            Plan
          </th>
          <SortHeading
            label="Since"
            rising="createdAt"
            falling="-createdAt"
            first="-createdAt"
            {...sorting}
            className="hidden w-32 md:table-cell"
          />
          <SortHeading
            label="Per month"
            rising="mrr"
            falling="-mrr"
            first="-mrr"
            {...sorting}
            className="w-27 text-right sm:w-32"
          />
        </tr>
      </thead>
      <tbody>
        {items.map(({ id, name, company, email, status, plan, createdAtMs, mrrCents }) => (
          <tr key={id} className={tableStyle.row}>
            <td className={`${tableStyle.cell}`}>
              <Link
                href={`/customers/${id}`}
                prefetch={false}
                className="block truncate font-medium after:absolute after:inset-0"
              >
                {name}
              </Link>
              <span className="block truncate text-[0.8125rem] text-soft">{company}</span>
            </td>
            <td className={`${tableStyle.cell} hidden lg:table-cell`}>
              <span className="block truncate text-soft">{email}</span>
            </td>
            <td className={tableStyle.cell}>
              <StatusBadge status={status} />
            </td>
            <td className={`${tableStyle.cell} hidden text-soft sm:table-cell`}>{plan.name}</td>
            <td className={`${tableStyle.cell} hidden whitespace-nowrap text-soft md:table-cell`}>
              <Day timeMs={createdAtMs} />
            </td>
            <td className={`${tableStyle.cell} whitespace-nowrap text-right font-medium`}>
              {mrrCents > 0 ? formatMoney(mrrCents) : <span className="font-normal text-faint">None</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
