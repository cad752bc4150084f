import { requireAuth } from '@sallyport/verify/express'
import { Router } from 'express'
import { z } from 'zod'
import { dateOf } from '../calendar/day.ts'
import { type RevenueMonth, reportRevenue } from '../reports/revenue.ts'
import { summarize } from '../reports/summary.ts'
import type { Context } from './context.ts'
import { type Cell, csvAmount, sendCsv } from './csv.ts'
import { wholeNumber } from './fields.ts'
import { methodNotAllowed } from './problem.ts'
import { queryOf } from './query.ts'

const revenueQuery = z.strictObject({ months: wholeNumber(1, 36).default(12) })

export function reportRoutes({ database, verifier, clock }: Context): Router {
  const router = Router({ caseSensitive: true, strict: true })
  const mayReadInvoices = requireAuth(verifier, { permission: 'invoice:read' })
  const mayReadReports = requireAuth(verifier, { permission: 'report:read' })
  const mayExportReports = requireAuth(verifier, { permission: 'report:read', maxAgeSeconds: 600 })

  router
    .route('/summary')
    .get(mayReadInvoices, (_req, res) => {
      res.json(summarize(database, clock()))
    })
    .all(methodNotAllowed)

  router
    .route('/reports/revenue')
    .get(mayReadReports, (req, res) => {
      res.json(reportRevenue(database, queryOf(req, revenueQuery), clock()))
    })
    .all(methodNotAllowed)

  router
    .route('/reports/revenue.csv')
    .get(mayExportReports, async (req, res) => {
      const now = clock()
      const { months } = reportRevenue(database, queryOf(req, revenueQuery), now)
      await sendCsv(res, `revenue-${dateOf(now)}.csv`, csvHeader, [months.map(csvCells)])
    })
    .all(methodNotAllowed)

  return router
}

const csvHeader = [
  'Month',
  'MRR',
  'New MRR',
  'Churned MRR',
  'Churn rate',
  'Customers',
  'Revenue',
  'Refunds',
] as const

function csvCells(month: RevenueMonth): Cell[] {
  return [
    month.month,
    csvAmount(month.mrr),
    csvAmount(month.newMrr),
    csvAmount(month.churnedMrr),
    month.churnRate,
    month.customers,
    csvAmount(month.revenue),
    csvAmount(month.refunds),
  ]
}
