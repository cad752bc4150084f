import type { Database } from '../database/database.ts'
import { containing } from '../database/search-key.ts'
import {
  type Customer,
  type CustomerRow,
  type CustomerStatus,
  customerColumns,
  customerTables,
  statusConditions,
  toCustomer,
} from './customer.ts'

/** The columns by which customers can be sorted. `ORDER BY` contains only these texts, and never a text of the request. */
const sortColumns = {
  name: 'c.name COLLATE NOCASE',
  mrr: 'mrr',
  createdAt: 'c.created_at',
} as const
type SortKey = keyof typeof sortColumns

export const customerSorts = [
  'name',
  '-name',
  'mrr',
  '-mrr',
  'createdAt',
  '-createdAt',
] as const satisfies readonly (SortKey | `-${SortKey}`)[]

export type CustomerQuery = {
  /** A part of the name, the company or the email address. */
  search?: string | undefined
  /** The id of the plan. */
  plan?: string | undefined
  status?: CustomerStatus | undefined
  sort: (typeof customerSorts)[number]
  page: number
  pageSize: number
}

export type CustomerPage = { items: Customer[]; page: number; pageSize: number; total: number }

/** Returns one page of the matching customers. If `page` is after the last page, the result is empty. */
export function listCustomers(database: Database, query: CustomerQuery): CustomerPage {
  const { search, plan, status, sort, page, pageSize } = query
  const conditions = ['TRUE']
  const parameters: Record<string, string | number> = {}
  if (search !== undefined) {
    conditions.push(`c.search_key LIKE :search ESCAPE '\\'`)
    parameters.search = containing(search)
  }
  if (plan !== undefined) {
    conditions.push('c.plan_id = :plan')
    parameters.plan = plan
  }
  if (status !== undefined) conditions.push(statusConditions[status])
  const condition = conditions.join(' AND ')
  const column = sortColumns[sort.replace('-', '') as SortKey]
  const direction = sort.startsWith('-') ? 'DESC' : 'ASC'

  const count = database.find<{ total: number }>(
    `SELECT count(*) AS total FROM ${customerTables} WHERE ${condition}`,
    parameters,
  )
  const rows = database.all<CustomerRow>(
    `SELECT ${customerColumns} FROM ${customerTables} WHERE ${condition}
     ORDER BY ${column} ${direction}, c.id ${direction} LIMIT :limit OFFSET :offset`,
    { ...parameters, limit: pageSize, offset: (page - 1) * pageSize },
  )
  return { items: rows.map(toCustomer), page, pageSize, total: count?.total ?? 0 }
}
