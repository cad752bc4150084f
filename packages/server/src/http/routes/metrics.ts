import { FlowError } from '../../flows/flow-error.ts'
import type { Route } from '../route.ts'
import { isOneOf } from '../secret-comparison.ts'

/** `GET metrics`: for Prometheus, with a credential of its own. Without that setting there is no such route. */
export const metricsRoute: Route = async ({ bearer, config: { metricsSecret } }, { metrics }) => {
  if (metricsSecret === undefined || bearer === null || !isOneOf(bearer, [metricsSecret]))
    throw new FlowError('client_unauthorized')
  const { text, type } = await metrics.render()
  return new Response(text, { headers: { 'content-type': type, 'cache-control': 'private, no-store' } })
}
