import express, { type Express } from 'express'
import { allowOrigins } from './http/allow-origins.ts'
import { answerHeaders } from './http/answer-headers.ts'
import { customerRoutes } from './http/customer-routes.ts'
import type { Dependencies } from './http/dependencies.ts'
import { healthRoutes } from './http/health-routes.ts'
import { invoiceRoutes } from './http/invoice-routes.ts'
import { answerErrors, notFound } from './http/problem.ts'
import { reportRoutes } from './http/report-routes.ts'
import { requestLog } from './http/request-log.ts'

/**
 * The billing API as an Express app, without a port of its own.
 *
 * Every route states its own guard; there is none in front of all of them that a new route could rely on by mistake,
 * and a test goes through every route as every kind of caller.
 */
export function createApp(dependencies: Dependencies): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.enable('case sensitive routing')
  app.enable('strict routing')
  // `queryOf` reads queries, strictly; Express's own parser makes objects and arrays of them.
  app.set('query parser', false)

  app.use(answerHeaders)
  if (dependencies.browserOrigins?.length) app.use(allowOrigins(dependencies.browserOrigins))
  app.use(requestLog(dependencies.logger))
  app.use(healthRoutes(dependencies))
  app.use(invoiceRoutes(dependencies))
  app.use(customerRoutes(dependencies))
  app.use(reportRoutes(dependencies))
  app.use(notFound)
  app.use(answerErrors(dependencies.logger))
  return app
}
