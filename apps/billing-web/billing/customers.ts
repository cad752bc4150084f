import { ApiError } from '@sallyport/next/server'
import { cache } from 'react'
import { api } from '../auth.ts'
import {
  type Customer,
  type CustomerAnswer,
  type CustomerDetails,
  type CustomerDetailsAnswer,
  customerDetailsFrom,
  customerFrom,
  type Plan,
  type PlanAnswer,
  planFrom,
} from './customer.ts'
import type { CustomerFilter } from './customer-filter.ts'

/** The number of customers on a page, and the largest number that the API allows. */
const pageSize = 25
const largestPageSize = 100

export type CustomerPage = { items: Customer[]; page: number; pageSize: number; total: number }
type CustomerPageAnswer = { items: CustomerAnswer[]; page: number; pageSize: number; total: number }

export async function listCustomers(filter: CustomerFilter): Promise<CustomerPage> {
  const answer = await api.get<CustomerPageAnswer>('/customers', { search: { ...filter, pageSize } })
  return { ...answer, items: answer.items.map(customerFrom) }
}

export type CustomerChoice = { id: string; name: string; company: string }

/** Returns all customers that can get an invoice, sorted by company. */
export async function listCustomerChoices(): Promise<CustomerChoice[]> {
  const pageOf = (page: number) =>
    api.get<CustomerPageAnswer>('/customers', { search: { page, pageSize: largestPageSize } })
  const first = await pageOf(1)
  const pages = Math.ceil(first.total / largestPageSize)
  const others = await Promise.all(
    Array.from({ length: Math.max(0, pages - 1) }, (_, index) => pageOf(index + 2)),
  )
  return [first, ...others]
    .flatMap(({ items }) => items)
    .filter(({ status }) => status !== 'churned')
    .map(({ id, name, company }) => ({ id, name, company }))
    .sort((one, other) => one.company.localeCompare(other.company, 'en'))
}

/** Returns a customer, or null if it does not exist. Within one render, several calls send one request. */
export const findCustomer = cache(async (id: string): Promise<CustomerDetails | null> => {
  if (!/^[\w-]{1,64}$/.test(id)) return null
  try {
    return customerDetailsFrom(await api.get<CustomerDetailsAnswer>(`/customers/${id}`))
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null
    throw error
  }
})

export async function listPlans(): Promise<Plan[]> {
  const { items } = await api.get<{ items: PlanAnswer[] }>('/plans')
  return items.map(planFrom)
}
