import { principalOf, requireAuth } from '@sallyport/verify/express'
import { Router } from 'express'
import { BillingError } from '../billing-error.ts'
import { dateOf } from '../calendar/day.ts'
import { createInvoice } from '../invoices/create.ts'
import { exportInvoices } from '../invoices/export.ts'
import { findInvoice } from '../invoices/find.ts'
import { onceFor } from '../invoices/idempotency.ts'
import type { InvoiceSummary } from '../invoices/invoice.ts'
import { listInvoices } from '../invoices/list.ts'
import { voidInvoice } from '../invoices/void.ts'
import type { Context } from './context.ts'
import { type Cell, csvAmount, sendCsv } from './csv.ts'
import {
  idempotencyKey,
  invoiceExportQuery,
  invoiceListQuery,
  newInvoiceBody,
  voidInvoiceBody,
} from './invoice-schemas.ts'
import { bodyOf, jsonBody } from './json-body.ts'
import { methodNotAllowed } from './problem.ts'
import { queryOf } from './query.ts'
import { validate } from './validate.ts'

export function invoiceRoutes({ database, verifier, clock }: Context): Router {
  const router = Router({ caseSensitive: true, strict: true })
  const mayRead = requireAuth(verifier, { permission: 'invoice:read' })
  const mayWrite = requireAuth(verifier, { permission: 'invoice:write' })
  const mayVoid = requireAuth(verifier, { permission: 'invoice:write', maxAgeSeconds: 600 })

  router
    .route('/invoices')
    .get(mayRead, (req, res) => {
      res.json(listInvoices(database, queryOf(req, invoiceListQuery), clock()))
    })
    .post(mayWrite, jsonBody, (req, res) => {
      const input = bodyOf(req, newInvoiceBody)
      const { userId } = principalOf(req)
      const now = clock()
      const create = () => createInvoice(database, input, { createdBy: userId, now })
      const header = req.headers['idempotency-key']
      if (header === undefined) {
        res.status(201).json(create())
        return
      }
      const key = validate(idempotencyKey, header)
      const { answer, repeated } = onceFor(database, { userId, key, content: input }, now, create)
      if (repeated) res.setHeader('idempotent-replayed', 'true')
      res.status(201).json(answer)
    })
    .all(methodNotAllowed)

  router
    .route('/invoices.csv')
    .get(mayRead, async (req, res) => {
      const now = clock()
      const chunks = exportInvoices(database, queryOf(req, invoiceExportQuery), now)
      await sendCsv(res, `invoices-${dateOf(now)}.csv`, csvHeader, csvChunks(chunks))
    })
    .all(methodNotAllowed)

  router
    .route('/invoices/:id')
    .get(mayRead, (req, res) => {
      res.json(found(findInvoice(database, String(req.params.id), clock())))
    })
    .all(methodNotAllowed)

  router
    .route('/invoices/:id/void')
    .post(mayVoid, jsonBody, (req, res) => {
      bodyOf(req, voidInvoiceBody)
      res.json(found(voidInvoice(database, String(req.params.id), clock())))
    })
    .all(methodNotAllowed)

  return router
}

function found<Item>(item: Item | null): Item {
  if (item === null) throw new BillingError('not_found')
  return item
}

const csvHeader = [
  'Number',
  'Status',
  'Customer',
  'Company',
  'Currency',
  'Amount',
  'Issued',
  'Due',
  'Paid',
] as const

function* csvChunks(chunks: Iterable<InvoiceSummary[]>): Generator<Cell[][], void> {
  for (const invoices of chunks) {
    yield invoices.map(({ number, status, customer, currency, amount, issuedAt, dueAt, paidAt }) => [
      number,
      status,
      customer.name,
      customer.company,
      currency,
      csvAmount(amount),
      dateOf(issuedAt),
      dateOf(dueAt),
      paidAt === null ? null : dateOf(paidAt),
    ])
  }
}
