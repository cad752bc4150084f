import { type CustomerStatus, customerStatuses } from './customer.ts'
import { addressOf, choiceOf, pageOf, type Query, queryValue, searchOf } from './query.ts'

const customerSorts = ['name', '-name', '-mrr', 'mrr', '-createdAt', 'createdAt'] as const
export type CustomerSort = (typeof customerSorts)[number]

/** The filter of the list of customers, from the URL. */
export type CustomerFilter = {
  search: string
  /** The plan's id. */
  plan: string | null
  status: CustomerStatus | null
  sort: CustomerSort
  page: number
}

/** Reads the filter from the query of the URL. Invalid values are ignored. */
export function parseCustomerFilter(query: Query): CustomerFilter {
  const plan = queryValue(query, 'plan')
  return {
    search: searchOf(query),
    plan: /^[a-z][a-z0-9_-]{0,31}$/.test(plan) ? plan : null,
    status: choiceOf(query, 'status', customerStatuses),
    sort: choiceOf(query, 'sort', customerSorts) ?? 'name',
    page: pageOf(query),
  }
}

/** Returns the URL of the list with this filter. Default values are left out. */
export function customersAddress({ sort, page, ...filter }: CustomerFilter): string {
  return addressOf('/customers', {
    ...filter,
    sort: sort === 'name' ? null : sort,
    page: page === 1 ? null : page,
  })
}

/** Returns whether the filter restricts the list. */
export function isNarrowed({ search, plan, status }: CustomerFilter): boolean {
  return search !== '' || plan !== null || status !== null
}
