import { ApiError } from '@sallyport/next/server'
import { cache } from 'react'
import { api } from '../auth.ts'
import {
  type Invoice,
  type InvoiceAnswer,
  type InvoiceSummary,
  type InvoiceSummaryAnswer,
  invoiceFrom,
  invoiceSummaryFrom,
} from './invoice.ts'
import type { InvoiceFilter } from './invoice-filter.ts'

/** The number of invoices on a page. */
const pageSize = 25

export type InvoicePage = {
  items: InvoiceSummary[]
  page: number
  pageSize: number
  total: number
  /** The total of all matching invoices, not only of this page. */
  totalCents: number
}

type InvoicePageAnswer = {
  items: InvoiceSummaryAnswer[]
  page: number
  pageSize: number
  total: number
  totalAmount: number
}

export async function listInvoices(filter: InvoiceFilter): Promise<InvoicePage> {
  const answer = await api.get<InvoicePageAnswer>('/invoices', { search: { ...filter, pageSize } })
  return {
    items: answer.items.map(invoiceSummaryFrom),
    page: answer.page,
    pageSize: answer.pageSize,
    total: answer.total,
    totalCents: answer.totalAmount,
  }
}

/** Returns the invoices that have been overdue for the longest time. */
export async function listLongestOverdue(count: number): Promise<InvoiceSummary[]> {
  const { items } = await api.get<InvoicePageAnswer>('/invoices', {
    search: { status: 'overdue', sort: 'dueAt', pageSize: count },
  })
  return items.map(invoiceSummaryFrom)
}

/** Returns an invoice, or null if it does not exist. Within one render, several calls send one request. */
export const findInvoice = cache(async (id: string): Promise<Invoice | null> => {
  if (!isInvoiceId(id)) return null
  try {
    return invoiceFrom(await api.get<InvoiceAnswer>(`/invoices/${id}`))
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null
    throw error
  }
})

export type NewInvoice = {
  customerId: string
  dueInDays: number
  notes: string
  lines: { description: string; quantity: number; unitAmount: number }[]
}

/** Creates an invoice. @throws ApiError if the API refuses the invoice. The error's `problem.errors` name the refused fields. */
export async function createInvoice(invoice: NewInvoice, idempotencyKey: string): Promise<Invoice> {
  const headers = { 'idempotency-key': idempotencyKey }
  return invoiceFrom(await api.post<InvoiceAnswer>('/invoices', invoice, { headers }))
}

/** Voids an invoice. @throws ApiError 409 if the invoice has been paid meanwhile, or 404 if it does not exist. */
export async function voidInvoice(id: string): Promise<Invoice> {
  if (!isInvoiceId(id)) throw new ApiError(404, null)
  return invoiceFrom(await api.post<InvoiceAnswer>(`/invoices/${id}/void`))
}

// The id comes from the URL, so it is checked before it becomes part of a path of the API.
function isInvoiceId(id: string): boolean {
  return /^[\w-]{1,64}$/.test(id)
}
