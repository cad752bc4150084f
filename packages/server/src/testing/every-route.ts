import { readConfig } from '../config/config.ts'
import { routesOf } from '../http/routes.ts'
import { metricsSecret, testOptions } from './sallyport.ts'

/** Every path and method that a setting can open. */
export const routes = routesOf(
  readConfig({ ...testOptions, metricsSecret, developmentInbox: true, apiReference: true }),
)
