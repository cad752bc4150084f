import { paths } from '@sallyport/protocol'
import type { Config } from '../config/config.ts'
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
} from './account/accounts.ts'
import { readProfileRoute, updateProfileRoute } from './account/profile.ts'
import { healthRoute, readinessRoute } from './operation/health.ts'
import { metricsRoute } from './operation/metrics.ts'
import { openApiRoute, referenceRoute } from './operation/reference.ts'
import { changePasswordRoute } from './password/change-password.ts'
import type { Route } from './route.ts'
import { sessionRoute } from './session/describe-session.ts'
import { refreshRoute } from './session/refresh.ts'
import { endSessionRoute, endSessionsRoute, listSessionsRoute } from './session/sessions.ts'
import { signOutRoute } from './session/sign-out.ts'
import { signInRoute } from './sign-in/sign-in.ts'
import { signUpRoute } from './sign-in/sign-up.ts'
import { introspectRoute } from './verification/introspect.ts'
import { revocationsRoute } from './verification/revocations.ts'
import { jwksRoute, metadataRoute } from './verification/well-known.ts'

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
