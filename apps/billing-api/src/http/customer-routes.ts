import { requireAuth } from '@sallyport/verify/express'
import { Router } from 'express'
import { z } from 'zod'
import { BillingError } from '../billing-error.ts'
import { customerStatuses } from '../customers/customer.ts'
import { findCustomer } from '../customers/find.ts'
import { customerSorts, listCustomers } from '../customers/list.ts'
import { listPlans } from '../customers/plans.ts'
import type { Context } from './context.ts'
import { pageField, pageSizeField, searchField } from './fields.ts'
import { methodNotAllowed } from './problem.ts'
import { queryOf } from './query.ts'

const customerListQuery = z.strictObject({
  search: searchField,
  plan: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'Give the id of a plan.')
    .optional(),
  status: z.enum(customerStatuses, `Give one of ${customerStatuses.join(', ')}.`).optional(),
  sort: z.enum(customerSorts, `Give one of ${customerSorts.join(', ')}.`).default('name'),
  page: pageField,
  pageSize: pageSizeField,
})

export function customerRoutes({ database, verifier, clock }: Context): Router {
  const router = Router({ caseSensitive: true, strict: true })
  const mayRead = requireAuth(verifier, { permission: 'customer:read' })

  router
    .route('/customers')
    .get(mayRead, (req, res) => {
      res.json(listCustomers(database, queryOf(req, customerListQuery)))
    })
    .all(methodNotAllowed)

  router
    .route('/customers/:id')
    .get(mayRead, (req, res) => {
      const customer = findCustomer(database, String(req.params.id), clock())
      if (customer === null) throw new BillingError('not_found')
      res.json(customer)
    })
    .all(methodNotAllowed)

  router
    .route('/plans')
    .get(mayRead, (_req, res) => {
      res.json({ items: listPlans(database) })
    })
    .all(methodNotAllowed)

  return router
}
