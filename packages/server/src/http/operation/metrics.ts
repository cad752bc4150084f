import { FlowError } from '../../services/flow-error.ts'
import type { Route } from '../route.ts'
import { refusalOf } from '../secret-comparison.ts'

/** `GET metrics`: for Prometheus, with a credential of its own. Without that setting there is no such route. */
export const metricsRoute: Route = async ({ bearer, config: { metricsSecret } }, { metrics }) => {
  const given = bearer === null ? [] : [bearer]
  const known = metricsSecret === undefined ? [] : [metricsSecret]
  const reason = refusalOf(given, known, 'SALLYPORT_METRICS_SECRET')
  if (reason !== null) throw new FlowError('client_unauthorized', { reason })
  const { text, type } = await metrics.render()
  return new Response(text, { headers: { 'content-type': type, 'cache-control': 'private, no-store' } })
}
