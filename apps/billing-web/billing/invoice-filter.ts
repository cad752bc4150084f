import { isDay } from './calendar.ts'
import { type InvoiceStatus, invoiceStatuses } from './invoice.ts'
import { addressOf, choiceOf, pageOf, type Query, queryValue, searchOf } from './query.ts'

const invoiceSorts = [
  '-issuedAt',
  'issuedAt',
  '-amount',
  'amount',
  '-number',
  'number',
  'dueAt',
  '-dueAt',
] as const
export type InvoiceSort = (typeof invoiceSorts)[number]

/** The filter of the list of invoices. It is in the URL, so that users can reload the page or share the link. */
export type InvoiceFilter = {
  search: string
  status: InvoiceStatus | null
  customerId: string | null
  /** The first and the last day of issue, `YYYY-MM-DD`. */
  from: string | null
  to: string | null
  sort: InvoiceSort
  page: number
}

/** Reads the filter from the query of the URL. Invalid values are ignored. If the two days are in the wrong order, they are swapped. */
export function parseInvoiceFilter(query: Query): InvoiceFilter {
  const [from, to] = daysOf(query)
  const customerId = queryValue(query, 'customerId')
  return {
    search: searchOf(query),
    status: choiceOf(query, 'status', invoiceStatuses),
    customerId: /^cus_[0-9a-z]{20}$/.test(customerId) ? customerId : null,
    from,
    to,
    sort: choiceOf(query, 'sort', invoiceSorts) ?? '-issuedAt',
    page: pageOf(query),
  }
}

/** Returns the filter as query parameters. Default values are left out. */
export function invoiceParameters({ sort, page, ...filter }: InvoiceFilter) {
  return {
    ...filter,
    sort: sort === '-issuedAt' ? null : sort,
    page: page === 1 ? null : page,
  }
}

/** Returns the URL of the list with this filter. */
export function invoicesAddress(filter: InvoiceFilter): string {
  return addressOf('/invoices', invoiceParameters(filter))
}

/** Returns whether the filter restricts the list. */
export function isNarrowed({ search, status, customerId, from, to }: InvoiceFilter): boolean {
  return search !== '' || [status, customerId, from, to].some((value) => value !== null)
}

function daysOf(query: Query): [from: string | null, to: string | null] {
  const [from = null, to = null] = [queryValue(query, 'from'), queryValue(query, 'to')].map((day) =>
    isDay(day) ? day : null,
  )
  return from !== null && to !== null && from > to ? [to, from] : [from, to]
}
