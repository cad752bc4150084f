import { requireReadiness } from '../../flows/operator/readiness.ts'
import { privateJson } from '../answers.ts'
import type { Route } from '../route.ts'

/** `GET healthz`: the process answers. */
export const healthRoute: Route = () => privateJson({ status: 'ok' })

/** `GET readyz`: it can also issue tokens. */
export const readinessRoute: Route = async (_, context) => {
  await requireReadiness(context)
  return privateJson({ status: 'ready' })
}
