import express, { type Express } from 'express'
import { allowOrigins } from './http/allow-origins.ts'
import { answerHeaders } from './http/answer-headers.ts'
import type { Context } from './http/context.ts'
import { customerRoutes } from './http/customer-routes.ts'
import { healthRoutes } from './http/health-routes.ts'
import { invoiceRoutes } from './http/invoice-routes.ts'
import { answerErrors, notFound } from './http/problem.ts'
import { reportRoutes } from './http/report-routes.ts'
import { requestLog } from './http/request-log.ts'

/**
 * Creates the billing API as an Express app. It does not listen on a port.
 *
 * Every route has its own guard. There is no common guard before all routes, because a new route could rely on it by mistake. A test calls
 * every route as every kind of caller.
 */
export function createApp(context: Context): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.enable('case sensitive routing')
  app.enable('strict routing')
  // `queryOf` reads the query. Express's own parser is switched off, because it would create objects and arrays.
  app.set('query parser', false)

  app.use(answerHeaders)
  if (context.browserOrigins?.length) app.use(allowOrigins(context.browserOrigins))
  app.use(requestLog(context.logger))
  app.use(healthRoutes(context))
  app.use(invoiceRoutes(context))
  app.use(customerRoutes(context))
  app.use(reportRoutes(context))
  app.use(notFound)
  app.use(answerErrors(context.logger))
  return app
}
