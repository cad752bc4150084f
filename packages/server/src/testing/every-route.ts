import { readConfig } from '../config/config.ts'
import { routesOf } from '../http/routes.ts'
import { metricsSecret, testOptions, withOrganizations } from './sallyport.ts'

/** Every path and method that can be enabled by settings. */
export const routes = routesOf(
  readConfig({
    ...testOptions,
    metricsSecret,
    developmentInbox: true,
    apiReference: true,
    mailedSignIn: 'on',
    ...withOrganizations,
  }),
)
