import { paths } from '@sallyport/protocol'
import type { Config } from '../config/config.ts'
import type { Route } from './route.ts'
import {
  activityRoute,
  askForVerificationRoute,
  askToChangeAddressRoute,
  confirmNewAddressRoute,
  dataRoute,
  deleteAccountRoute,
  forgotPasswordRoute,
  inboxRoute,
  reauthenticateRoute,
  resetPasswordRoute,
  verifyAddressRoute,
} from './routes/accounts.ts'
import { healthRoute, readinessRoute } from './routes/health.ts'
import { introspectRoute } from './routes/introspect.ts'
import { metricsRoute } from './routes/metrics.ts'
import { changePasswordRoute } from './routes/password.ts'
import { readProfileRoute, updateProfileRoute } from './routes/profile.ts'
import { openApiRoute, referenceRoute } from './routes/reference.ts'
import { refreshRoute } from './routes/refresh.ts'
import { revocationsRoute } from './routes/revocations.ts'
import { sessionRoute } from './routes/session.ts'
import { endSessionRoute, endSessionsRoute, listSessionsRoute } from './routes/sessions.ts'
import { signInRoute } from './routes/sign-in.ts'
import { signOutRoute } from './routes/sign-out.ts'
import { signUpRoute } from './routes/sign-up.ts'
import { jwksRoute, metadataRoute } from './routes/well-known.ts'

export type Methods = Partial<Record<'GET' | 'POST' | 'PATCH' | 'DELETE', Route>>

/** Every address of the server, by path and method. What is not here is 404 or 405. */
export const routes: Record<string, Methods> = {
  [paths.register]: { POST: signUpRoute },
  [paths.login]: { POST: signInRoute },
  [paths.refresh]: { POST: refreshRoute },
  [paths.logout]: { POST: signOutRoute },
  [paths.session]: { GET: sessionRoute },
  [paths.sessions]: { GET: listSessionsRoute, DELETE: endSessionsRoute },
  [`${paths.sessions}/:id`]: { DELETE: endSessionRoute },
  [paths.passwordChange]: { POST: changePasswordRoute },
  [paths.passwordForgot]: { POST: forgotPasswordRoute },
  [paths.passwordReset]: { POST: resetPasswordRoute },
  [paths.emailVerification]: { POST: askForVerificationRoute },
  [paths.emailVerify]: { POST: verifyAddressRoute },
  [paths.emailChange]: { POST: askToChangeAddressRoute },
  [paths.emailChangeConfirm]: { POST: confirmNewAddressRoute },
  [paths.reauthenticate]: { POST: reauthenticateRoute },
  [paths.activity]: { GET: activityRoute },
  [paths.data]: { GET: dataRoute },
  [paths.inbox]: { GET: inboxRoute },
  [paths.profile]: { GET: readProfileRoute, PATCH: updateProfileRoute, DELETE: deleteAccountRoute },
  [paths.revocations]: { GET: revocationsRoute },
  [paths.introspect]: { POST: introspectRoute },
  [paths.openApi]: { GET: openApiRoute },
  [paths.reference]: { GET: referenceRoute },
  [paths.jwks]: { GET: jwksRoute },
  [paths.discovery]: { GET: metadataRoute },
  [paths.metadata]: { GET: metadataRoute },
  [paths.health]: { GET: healthRoute },
  [paths.ready]: { GET: readinessRoute },
  [paths.metrics]: { GET: metricsRoute },
}

/** The addresses that these settings open. */
export function routesOf({
  metricsSecret,
  developmentInbox,
  apiReference,
}: Pick<Config, 'metricsSecret' | 'developmentInbox' | 'apiReference'>): Record<string, Methods> {
  const closed = new Set<string>([
    ...(metricsSecret === undefined ? [paths.metrics] : []),
    ...(developmentInbox ? [] : [paths.inbox]),
    ...(apiReference ? [] : [paths.openApi, paths.reference]),
  ])
  return Object.fromEntries(Object.entries(routes).filter(([path]) => !closed.has(path)))
}
