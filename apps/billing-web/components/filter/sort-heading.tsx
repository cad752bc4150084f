import { ArrowDown, ArrowUp, ChevronsUpDown } from 'lucide-react'
import Link from 'next/link'
import { LinkIcon } from '../loading/link-icon.tsx'
import { tableStyle } from '../surface/table-style.ts'

/** The heading of a column by which the list can be sorted. It is a link, so that the order is in the URL. */
export function SortHeading<Sort extends string>(props: {
  label: string
  /** The name of the ascending order, such as `dueAt`, and of the descending order, such as `-dueAt`. */
  rising: Sort
  falling: Sort
  /** The order when the heading is pressed for the first time. */
  first: Sort
  sort: Sort
  addressFor: (sort: Sort) => string
  className?: string
}) {
  const { label, rising, falling, first, sort, addressFor, className = '' } = props
  const isSorted = sort === rising || sort === falling
  const next = !isSorted ? first : sort === rising ? falling : rising
  const Icon = !isSorted ? ChevronsUpDown : sort === rising ? ArrowUp : ArrowDown
  return (
    <th
      scope="col"
      aria-sort={isSorted ? (sort === rising ? 'ascending' : 'descending') : undefined}
      className={`${tableStyle.heading} ${className}`}
    >
      <Link
        href={addressFor(next)}
        prefetch={false}
        scroll={false}
        replace
        className={`inline-flex items-center gap-1 rounded-sm hover:text-ink ${isSorted ? 'text-ink' : ''}`}
      >
        {label}
        <LinkIcon className={`size-3.5 ${isSorted ? '' : 'text-faint'}`}>
          <Icon />
        </LinkIcon>
      </Link>
    </th>
  )
}
