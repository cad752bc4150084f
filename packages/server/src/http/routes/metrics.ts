import { FlowError } from '../../flows/flow-error.ts'
import type { Route } from '../route.ts'
import { isOneOf } from '../secret-comparison.ts'

/** `GET metrics`: for Prometheus, with a credential of its own. Without that setting there is nothing at this address. */
export const metricsRoute: Route = async ({ bearer, config }, { metrics }) => {
  if (config.metricsSecret === undefined) throw new FlowError('not_found')
  if (bearer === null || !isOneOf(bearer, [config.metricsSecret])) throw new FlowError('client_unauthorized')
  const { text, type } = await metrics.render()
  return new Response(text, { headers: { 'content-type': type, 'cache-control': 'private, no-store' } })
}
